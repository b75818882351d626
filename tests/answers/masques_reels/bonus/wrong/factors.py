# misconception: factors in place of biases
# fails: test_bias_example, test_one_token, test_any_bias
def create_alibi_bias(n_new, n_past, slopes):
    distance = n_past + torch.arange(n_new)[:, None] - torch.arange(n_past + n_new)
    return torch.exp(-slopes[:, None, None] * distance).masked_fill(distance < 0, 0.0)
