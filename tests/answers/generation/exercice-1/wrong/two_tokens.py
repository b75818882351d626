# misconception: multinomial draws a pair
# fails: test_same_seed, test_sample_frequencies, test_sample_is_reproducible
def greedy(logits):
    """Renvoie l'indice du plus grand logit de chaque ligne : (..., vocab) -> (...)."""
    ### BEGIN SOLUTION
    return logits.argmax(dim=-1)


def temperature_probabilities(logits, temperature):
    """Renvoie softmax(logits / temperature) sur le dernier axe, de même forme que logits.

    Raises:
        ValueError: si temperature n'est pas strictement positive.
    """
    ### BEGIN SOLUTION
    if not temperature > 0:
        raise ValueError(f"temperature doit être strictement positive, et vaut {temperature}.")
    return torch.softmax(logits / temperature, dim=-1)


def top_k_probabilities(logits, k, temperature=1.0):
    """Renvoie les probabilités où seuls les k plus grands logits de chaque ligne sont gardés.

    Raises:
        ValueError: si k est inférieur à 1, ou si temperature n'est pas strictement positive.
    """
    ### BEGIN SOLUTION
    if k < 1:
        raise ValueError(f"k doit valoir au moins 1, et vaut {k}.")
    kept = torch.topk(logits, min(k, logits.shape[-1]), dim=-1).values
    return temperature_probabilities(logits.masked_fill(logits < kept[..., -1:], -torch.inf), temperature)


def sample(logits, seed, temperature=1.0, k=None):
    probabilities = top_k_probabilities(logits, len(logits) if k is None else k, temperature)
    return torch.multinomial(probabilities, 2, replacement=True, generator=torch.Generator().manual_seed(seed))
