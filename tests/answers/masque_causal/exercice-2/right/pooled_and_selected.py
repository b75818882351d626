# style: pooled variances, one query at a time; masked_select; NumPy's average
def mean_weight_per_position(weights):
    n = weights.size(-1)
    return torch.stack([weights[..., j].mean() for j in range(n)])


def weight_variance(weights):
    # les moyennes des lignes sont toutes égales : regrouper les exemples ne change pas la variance
    n = weights.size(-1)
    return torch.cat([((weights[:, i] - weights[:, i].mean(1, True)) ** 2).mean().reshape(1) for i in range(n)])


def attention_entropy(weights):
    sortie = weights.new_zeros(weights.size(1))
    for i in range(weights.size(1)):
        permis = torch.masked_select(weights[:, i, :], weights[:, i, :] > 0)
        sortie[i] = torch.dot(permis, -permis.log()) / weights.size(0)
    return sortie


def count_visible_positions(weights):
    return torch.as_tensor(np.average(np.asarray(weights > 0).sum(2), axis=0))
