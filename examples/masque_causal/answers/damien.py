# %% exercice-1-reponse
def create_local_mask(seq_len):
    mask = np.eye(seq_len)
    for i in range(1, seq_len):
        mask[i, i - 1] = 1
    return mask


# %% exercice-2-reponse
def mean_weight_per_position(weights):
    return weights.mean(dim=1).mean(dim=0)


def weight_variance(weights):
    raise NotImplementedError()


def attention_entropy(weights):
    raise NotImplementedError()


def count_visible_positions(weights):
    return (weights != 0).sum(dim=2).float().mean(dim=0)


# %% [markdown] question-2-reponse
# Les premières clés sont vues par plus de requêtes, donc elles reçoivent plus de poids.
