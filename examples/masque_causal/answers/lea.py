# %% exercice-1-reponse
def create_local_mask(seq_len):
    i, j = np.indices((seq_len, seq_len))
    return np.where((i == j) | (i == j + 1), 1, 0)


# %% exercice-2-reponse
def mean_weight_per_position(weights):
    return torch.mean(weights, (0, 1))


def weight_variance(weights):
    return torch.from_numpy(weights.detach().numpy().var(axis=2).mean(axis=0))


def attention_entropy(weights):
    w = weights.detach().numpy()
    terms = np.zeros_like(w)
    np.log(w, out=terms, where=w > 0)
    return torch.from_numpy(-(w * terms).sum(axis=2).mean(axis=0))


def count_visible_positions(weights):
    return torch.from_numpy((weights.detach().numpy() > 0).sum(axis=2).mean(axis=0))


# %% exercice-3-reponse
def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len:
        raise ValueError(f"real_len={real_len} hors de [0, {seq_len}]")
    return torch.nn.functional.pad(
        torch.ones(real_len, real_len).tril(), (0, seq_len - real_len, 0, seq_len - real_len)
    )
