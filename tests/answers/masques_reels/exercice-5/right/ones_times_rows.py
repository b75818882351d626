# style: ones multiplied by rows
def create_translation_masks(source_real, target_real):
    batch, n_source = source_real.shape
    n_target = target_real.shape[1]
    encoder = torch.ones(batch, n_source, n_source) * source_real.float()[:, None, :]
    decoder = create_causal_mask(n_target) * target_real.float()[:, None, :]
    cross = torch.ones(batch, n_target, n_source) * source_real.float()[:, None, :]
    return encoder, decoder, cross
