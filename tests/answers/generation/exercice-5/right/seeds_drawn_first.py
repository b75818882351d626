# style: a list of seeds drawn from the seed
import random


def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    tokens = prompt.copy()
    if seed is not None:
        source = random.Random(seed)
        seeds = [source.randrange(2**31) for _ in range(n_new)]
    for step in range(n_new):
        context = tokens[max(len(tokens) - window, 0):]
        logits = next_logits(model, context)
        tokens += [int(greedy(logits)) if seed is None else int(sample(logits, seeds[step], temperature, k))]
    return tokens
