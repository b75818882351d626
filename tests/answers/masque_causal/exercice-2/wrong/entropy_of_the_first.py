# misconception: the first example stands for the batch
# fails: test_entropy_example, test_entropy_values
def mean_weight_per_position(weights):
    """Poids moyen reçu par chaque clé : (batch, n, n) -> (n,)."""
    ### BEGIN SOLUTION
    return weights.mean(dim=(0, 1))


def weight_variance(weights):
    """Variance (de population) des poids de chaque requête, moyennée sur le lot : (batch, n, n) -> (n,)."""
    ### BEGIN SOLUTION
    return weights.var(dim=-1, correction=0).mean(dim=0)


def count_visible_positions(weights):
    """Nombre de poids strictement positifs de chaque requête, moyenné sur le lot : (batch, n, n) -> (n,)."""
    ### BEGIN SOLUTION
    return (weights > 0).sum(dim=-1).to(weights.dtype).mean(dim=0)


def attention_entropy(weights):
    return torch.special.entr(weights[0]).sum(dim=-1)
