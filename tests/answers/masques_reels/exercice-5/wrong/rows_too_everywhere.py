# misconception: padding is hidden as a query too, in all masks
# fails: test_example, test_encoder, test_decoder, test_cross
def create_translation_masks(source_real, target_real):
    source, target = source_real.bool(), target_real.bool()
    n_target = target.shape[1]
    encoder = source[:, :, None] & source[:, None, :]
    decoder = target[:, :, None] & target[:, None, :] & torch.ones(n_target, n_target).tril().bool()
    return encoder, decoder, target[:, :, None] & source[:, None, :]
