# style: a copy is modified in place, the input is not; log base 2 converted to nats
def mean_weight_per_position(weights):
    somme = weights.clone()
    somme /= weights.shape[0] * weights.shape[1]
    return somme.sum(dim=(0, 1))


def weight_variance(weights):
    copie = weights.clone()
    copie -= copie.mean(dim=-1, keepdim=True)
    copie *= copie
    return copie.mean(dim=-1).mean(dim=0)


def attention_entropy(weights):
    copie = weights.clone()
    copie[copie == 0] = 1.0
    return -(copie * torch.log2(copie)).sum(dim=-1).mean(dim=0) * np.log(2)


def count_visible_positions(weights):
    copie = weights.clone()
    copie[copie > 0] = 1
    return copie.sum(dim=-1).mean(dim=0)
