# %% exercice-1-reponse
def create_local_mask(seq_len):
    return np.array([[1 if j in (i, i - 1) else 0 for j in range(seq_len)] for i in range(seq_len)])


# %% exercice-2-reponse
def mean_weight_per_position(weights):
    return torch.einsum("bij->j", weights) / (weights.size(0) * weights.size(1))


def weight_variance(weights):
    return torch.var(weights, dim=-1, unbiased=False).mean(dim=0)


def attention_entropy(weights):
    return -(weights * torch.log(weights)).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    return (weights > 0).sum(dim=-1).float().mean(dim=0)


# %% [markdown] question-2-reponse
# La clé 0 reçoit plus que la clé 7 (8 requêtes contre une). Les premiers tokens voient peu.


# %% exercice-3-reponse
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or seq_len < real_len:
        raise ValueError("real_len")
    lignes = [[int(j <= i and i < real_len and j < real_len) for j in range(seq_len)] for i in range(seq_len)]
    return torch.tensor(lignes)
