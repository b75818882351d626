# %% exercice-1-reponse
def create_local_mask(seq_len):
    mask = np.identity(seq_len, dtype=np.int8)
    mask[np.arange(1, seq_len), np.arange(seq_len - 1)] = 1
    return mask


# %% exercice-2-reponse
class Statistiques:
    """Les quatre statistiques d'un lot de poids."""

    def __init__(self, weights):
        self.w = weights.double()

    def par_requete(self, valeurs):
        return valeurs.mean(dim=0)

    def variance(self):
        return self.par_requete(((self.w - self.w.mean(2, keepdim=True)) ** 2).mean(2))

    def entropie(self):
        return self.par_requete(torch.where(self.w > 0, -self.w * self.w.clamp_min(1e-300).log(), 0.0).sum(2))


def mean_weight_per_position(weights):
    return weights.transpose(1, 2).mean(dim=2).mean(dim=0)


def weight_variance(weights):
    return Statistiques(weights).variance()


def attention_entropy(weights):
    return Statistiques(weights).entropie()


def count_visible_positions(weights):
    return (weights > 0).sum(dim=(0, 2)) / weights.shape[0]


# %% exercice-3-reponse
def create_combined_mask(seq_len, real_len):
    if real_len < 0:
        raise ValueError("négatif")
    if real_len > seq_len:
        raise ValueError("trop grand")
    return torch.from_numpy(
        np.tri(seq_len) * np.outer(np.arange(seq_len) < real_len, np.arange(seq_len) < real_len)
    )
