# misconception: the first example stands for the batch
# fails: test_mean_weight_example, test_mean_weight_values
def weight_variance(weights):
    """Variance (de population) des poids de chaque requête, moyennée sur le lot : (batch, n, n) -> (n,)."""
    ### BEGIN SOLUTION
    return weights.var(dim=-1, correction=0).mean(dim=0)


def attention_entropy(weights):
    """Entropie (en nats) des poids de chaque requête, moyennée sur le lot : (batch, n, n) -> (n,)."""
    ### BEGIN SOLUTION
    return torch.special.entr(weights).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    """Nombre de poids strictement positifs de chaque requête, moyenné sur le lot : (batch, n, n) -> (n,)."""
    ### BEGIN SOLUTION
    return (weights > 0).sum(dim=-1).to(weights.dtype).mean(dim=0)


def mean_weight_per_position(weights):
    return weights[0].mean(dim=0)
