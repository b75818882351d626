# misconception: only integers and booleans accepted
# fails: test_types
def create_translation_masks(source_real, target_real):
    n_source, n_target = source_real.shape[1], target_real.shape[1]
    ones = torch.ones(n_target, n_target).tril().to(target_real.dtype)
    decoder = ones & target_real[:, None, :]
    return source_real[:, None, :].repeat(1, n_source, 1), decoder, source_real[:, None, :].repeat(1, n_target, 1)
