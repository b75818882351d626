# %% after="exercice-1"
def bande(n, bas, haut):
    """Vrai là où bas <= i - j <= haut."""
    i, j = np.ogrid[:n, :n]
    return (i - j >= bas) & (i - j <= haut)


# %% exercice-1-reponse
def create_local_mask(seq_len):
    return bande(seq_len, 0, 1)


# %% after="exercice-1-reponse"
# Un essai pour moi
print(create_local_mask(4))
%timeit -n 3 -r 1 create_local_mask(100)

# %% exercice-2-reponse
def par_requete(statistique):
    """Décorateur : moyenne sur les exemples d'une statistique calculée par requête."""

    def moyenne(weights):
        return torch.stack([statistique(exemple) for exemple in weights]).mean(dim=0)

    return moyenne


def mean_weight_per_position(weights):
    return weights.reshape(-1, weights.shape[-1]).mean(dim=0)


@par_requete
def weight_variance(weights):
    return (weights**2).mean(-1) - weights.mean(-1) ** 2


@par_requete
def attention_entropy(weights):
    return torch.distributions.Categorical(probs=weights).entropy()


@par_requete
def count_visible_positions(weights):
    return torch.count_nonzero(weights, dim=-1).double()


# %% [markdown] question-2-reponse
# 1. La clé j n'est vue que par 8 − j requêtes : son poids moyen baisse avec j.
# 2. L'entropie monte et reste sous ln(i + 1).
# 3. Les premiers tokens sont prédits avec peu d'information.

# %% exercice-3-reponse
def create_combined_mask(seq_len, real_len):
    if real_len not in range(seq_len + 1):
        raise ValueError(real_len)
    reel = torch.arange(seq_len) < real_len
    causal = torch.ones(seq_len, seq_len, dtype=torch.bool).tril()
    return causal & reel & reel.unsqueeze(1)


# %% bonus-reponse
def create_sliding_window_mask(seq_len, window_size):
    return bande(seq_len, 0, window_size - 1)
