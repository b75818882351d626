# misconception: the first slope for all heads
# fails: test_one_token, test_any_bias
def create_alibi_bias(n_new, n_past, slopes):
    distance = n_past + torch.arange(n_new)[:, None] - torch.arange(n_past + n_new)
    bias = (-slopes[0] * distance).masked_fill(distance < 0, -torch.inf)
    return bias.repeat(len(slopes), 1, 1)
