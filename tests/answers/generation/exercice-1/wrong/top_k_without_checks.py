# misconception: topk and softmax check by themselves
# fails: test_errors_shown, test_all_errors
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


def sample(logits, seed, temperature=1.0, k=None):
    """Tire un token selon les probabilités ; la même graine donne le même token.

    Args:
        logits: tenseur de forme (vocab,).
        seed: graine du tirage, entier positif ou nul.
        temperature: température, strictement positive.
        k: nombre de tokens gardés, au moins 1 ; None les garde tous.

    Returns:
        Le token, entier ou tenseur d'un seul élément.

    Raises:
        ValueError: si temperature ou k ne convient pas.
    """
    ### BEGIN SOLUTION
    if k is None:
        k = len(logits)
    probabilities = top_k_probabilities(logits, k, temperature)
    return int(torch.multinomial(probabilities, 1, generator=torch.Generator().manual_seed(seed)))


def top_k_probabilities(logits, k, temperature=1.0):
    values, indices = torch.topk(logits, min(k, logits.shape[-1]), dim=-1)
    return torch.zeros_like(logits).scatter(-1, indices, torch.softmax(values / temperature, dim=-1))
