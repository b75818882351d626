# misconception: exponentials are probabilities
# fails: test_example, test_temperature, test_top_k
def greedy(logits):
    """Renvoie l'indice du plus grand logit de chaque ligne : (..., vocab) -> (...)."""
    ### BEGIN SOLUTION
    return logits.argmax(dim=-1)


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


def temperature_probabilities(logits, temperature):
    if temperature <= 0:
        raise ValueError("temperature")
    z = logits / temperature
    return torch.exp(z - z.max(dim=-1, keepdim=True).values)
