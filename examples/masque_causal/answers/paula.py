# %% exercice-1-reponse
def create_local_mask(seq_len):
    mask = np.zeros((seq_len, seq_len))
    for i in range(seq_len):
        mask[i, i] = 1
        mask[i, i - 1] = 1
    return mask


# %% exercice-2-reponse
def mean_weight_per_position(weights):
    return weights.mean(dim=(0, 2))


def weight_variance(weights):
    return weights.var(dim=1, unbiased=False).mean(dim=0)


def attention_entropy(weights):
    print(-(weights * weights.log()).sum(-1).mean(0))


def count_visible_positions(weights):
    return (weights > 0).float().sum(-1).mean(0).tolist()


# %% exercice-3-reponse
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len")
    mask = torch.tril(torch.ones(seq_len, seq_len))
    mask[real_len:] = 0
