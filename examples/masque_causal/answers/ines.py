# %% exercice-1-reponse
def create_local_mask(seq_len):
    mask = np.zeros((seq_len, seq_len), dtype=bool)
    np.fill_diagonal(mask, True)
    np.fill_diagonal(mask[1:], True)
    return mask


# %% exercice-2-reponse
def mean_weight_per_position(weights):
    return weights.flatten(0, 1).mean(dim=0)


def weight_variance(weights):
    return (weights - weights.mean(-1, keepdim=True)).square().mean(-1).mean(0)


def attention_entropy(weights):
    return torch.nan_to_num(-weights * weights.log(), nan=0.0).sum(-1).mean(0)


def count_visible_positions(weights):
    return (weights > 0).float().mean(0).sum(-1)


# %% [markdown] question-2-reponse
# La clé j n'est vue que par 8 − j requêtes : son poids moyen décroît. L'entropie croît de 0 vers ln 8 sans dépasser ln(i + 1).
# Les premiers tokens, à faible entropie, sont les moins informés, et ils influencent tous les suivants.


# %% exercice-3-reponse
def create_combined_mask(seq_len, real_len):
    mask = torch.tril(torch.ones(seq_len, seq_len))
    mask[:, real_len:] = 0
    return mask
