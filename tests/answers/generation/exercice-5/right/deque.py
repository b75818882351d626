# style: a deque as the window
from collections import deque


def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    context = deque(prompt, maxlen=window)
    new = []
    if seed is not None:
        torch.manual_seed(seed)
        draws = torch.randint(0, 2**31, (n_new,))
    for step in range(n_new):
        logits = next_logits(model, list(context))
        token = int(greedy(logits)) if seed is None else int(sample(logits, int(draws[step]), temperature, k))
        context.append(token)
        new.append(token)
    return list(prompt) + new
