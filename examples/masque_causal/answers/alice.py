# %% exercice-1-reponse
def create_local_mask(seq_len):
    i = np.arange(seq_len)
    distance = i[:, None] - i
    return ((distance == 0) | (distance == 1)).astype(np.float32)


# %% exercice-2-reponse
def mean_weight_per_position(weights):
    return weights.mean(dim=(0, 1))


def weight_variance(weights):
    return weights.var(dim=-1, unbiased=False).mean(0)


def attention_entropy(weights):
    return torch.special.entr(weights).sum(-1).mean(0)


def count_visible_positions(weights):
    return (weights > 0).float().sum(-1).mean(0)


# %% [markdown] question-2-reponse
# **1.** Avec le masque, la clé 0 reçoit le plus de poids et la clé 7 le moins : la clé j n'est vue que par les 8 − j
# requêtes i ≥ j.
#
# **2.** L'entropie part de 0 (un seul choix) et croît avec i. Elle est bornée par ln(i + 1), l'entropie de i + 1 poids égaux.
#
# **3.** Les premiers tokens ont peu de contexte : attention concentrée, variance forte (1/8 − 1/64 pour le token 0), donc
# prédictions peu informées, et elles influencent toute la suite.


# %% exercice-3-reponse
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError(f"real_len = {real_len}, attendu entre 0 et {seq_len}")
    real = torch.arange(seq_len) < real_len
    return torch.tril(torch.ones(seq_len, seq_len)) * real[None, :] * real[:, None]


# %% bonus-reponse
def create_sliding_window_mask(seq_len, window_size):
    ones = np.ones((seq_len, seq_len))
    return np.tril(ones) - np.tril(ones, k=-window_size)
