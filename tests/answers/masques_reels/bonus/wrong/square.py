# misconception: rows of the cached tokens kept
# fails: test_bias_example, test_one_token, test_any_bias
def create_alibi_bias(n_new, n_past, slopes):
    n = n_past + n_new
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes[:, None, None] * distance).masked_fill(distance < 0, -torch.inf)
