# %% exercice-1-reponse
def create_local_mask(seq_len):
    mask = np.zeros((seq_len, seq_len))
    for i in range(seq_len):
        mask[i, i] = 1
        if i + 1 < seq_len:
            mask[i, i + 1] = 1
    return mask


# %% exercice-2-reponse
def mean_weight_per_position(weights):
    return weights.mean(dim=(0, 1))


def weight_variance(weights):
    return torch.var(weights, dim=2, correction=0).mean(dim=0)


def attention_entropy(weights):
    log = torch.where(weights > 0, weights, torch.ones_like(weights)).log()
    return -(weights * log).sum(dim=2).mean(dim=0)


def count_visible_positions(weights):
    return (weights > 0).sum(dim=2).to(torch.float32).mean(dim=0)


# %% [markdown] question-2-reponse
# L'entropie croît avec la position et reste sous ln(i + 1), car le token i ne peut partager son attention qu'entre i + 1 tokens.
# Le poids moyen des premières clés augmente.


# %% exercice-3-reponse
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len")
    mask = torch.triu(torch.ones(seq_len, seq_len))
    mask[real_len:] = 0
    mask[:, real_len:] = 0
    return mask
