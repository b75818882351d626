# misconception: encoder mask with one row
# fails: test_example, test_encoder
def create_translation_masks(source_real, target_real):
    n_source, n_target = source_real.shape[1], target_real.shape[1]
    source, target = source_real.bool(), target_real.bool()
    encoder = source[:, None, :].repeat(1, n_source, 1)
    decoder = create_causal_mask(n_target).bool() & target[:, None, :]
    cross = source[:, None, :].repeat(1, n_target, 1)
    encoder = source[:, None, :]
    return encoder, decoder, cross
