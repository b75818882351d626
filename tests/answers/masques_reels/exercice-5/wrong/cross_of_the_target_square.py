# misconception: the cross mask hides the target's padding in a square
# fails: test_example, test_cross
def create_translation_masks(source_real, target_real):
    n_source, n_target = source_real.shape[1], target_real.shape[1]
    source, target = source_real.bool(), target_real.bool()
    causal = torch.ones(n_target, n_target).tril().bool()
    encoder = source[:, None, :].expand(-1, n_source, -1)
    decoder = target[:, None, :] & causal
    cross = target[:, None, :].expand(-1, n_target, -1)
    return encoder, decoder, cross
