# style: rows expanded
def create_translation_masks(source_real, target_real):
    n_source, n_target = source_real.shape[1], target_real.shape[1]
    source, target = source_real.bool(), target_real.bool()
    encoder = source[:, None, :].expand(-1, n_source, -1)
    decoder = torch.ones(n_target, n_target).tril().bool() & target[:, None, :]
    cross = source[:, None, :].expand(-1, n_target, -1)
    return encoder, decoder, cross
