# misconception: slopes changed in place
# fails: test_slopes_unchanged
def create_alibi_bias(n_new, n_past, slopes):
    distance = n_past + torch.arange(n_new)[:, None] - torch.arange(n_past + n_new)
    return (slopes.neg_()[:, None, None] * distance).masked_fill(distance < 0, -torch.inf)
