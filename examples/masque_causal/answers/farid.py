# %% exercice-1-reponse
def create_local_mask(seq_len):
    autorise = np.eye(seq_len) + np.eye(seq_len, k=-1)
    return 1 - autorise


# %% exercice-2-reponse
def mean_weight_per_position(weights):
    return weights.sum(dim=(0, 1)) / (weights.shape[0] * weights.shape[1])


def weight_variance(weights):
    m = weights.mean(dim=-1, keepdim=True)
    return ((weights - m) ** 2).mean(dim=-1).mean(dim=0)


def attention_entropy(weights):
    return -torch.xlogy(weights, weights).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    return weights.gt(0).sum(dim=-1).float().mean(dim=0)


# %% [markdown] question-2-reponse
# Les premières clés reçoivent plus de poids que les dernières avec le masque, car plus de requêtes les voient.


# %% exercice-3-reponse
def create_combined_mask(seq_len, real_len):
    if not (0 <= real_len <= seq_len):
        raise ValueError("real_len doit être entre 0 et seq_len")
    autorise = torch.zeros(seq_len, seq_len)
    autorise[:real_len, :real_len] = torch.tril(torch.ones(real_len, real_len))
    return 1 - autorise
