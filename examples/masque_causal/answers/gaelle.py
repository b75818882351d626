# %% exercice-1-reponse
def create_local_mask(seq_len):
    return np.tril(np.ones((seq_len, seq_len))) - np.tril(np.ones((seq_len, seq_len)), -2)


# %% exercice-2-reponse
def mean_weight_per_position(weights):
    return weights.mean(0).mean(0)


def weight_variance(weights):
    return weights.var(dim=-1).mean(0)


def attention_entropy(weights):
    return -(weights * torch.log2(weights.clamp(min=1e-12))).sum(-1).mean(0)


def count_visible_positions(weights):
    return (weights > 0).double().sum(-1).mean(0)


# %% [markdown] question-2-reponse
# Le poids moyen décroît avec j car 8 − j requêtes voient la clé j. L'entropie croît jusqu'à 2,5 bits.


# %% exercice-3-reponse
def create_combined_mask(seq_len, real_len):
    if real_len > seq_len or real_len < 0:
        raise ValueError("impossible")
    m = create_causal_mask(seq_len).clone()
    m[real_len:, :] = 0
    m[:, real_len:] = 0
    return m
