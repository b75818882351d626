# misconception: a row broadcasts
# fails: test_example, test_encoder, test_cross
def create_translation_masks(source_real, target_real):
    source, target = source_real.bool()[:, None, :], target_real.bool()[:, None, :]
    n_target = target.shape[-1]
    return source, target & torch.ones(n_target, n_target).tril().bool(), source
