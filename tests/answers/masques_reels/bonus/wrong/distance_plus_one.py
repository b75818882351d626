# misconception: distances from one
# fails: test_bias_example, test_one_token, test_any_bias
def create_alibi_bias(n_new, n_past, slopes):
    distance = n_past + torch.arange(n_new)[:, None] - torch.arange(n_past + n_new)
    return (-slopes[:, None, None] * (distance + 1)).masked_fill(distance < 0, -torch.inf)
