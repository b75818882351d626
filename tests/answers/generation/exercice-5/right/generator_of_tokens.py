# style: a Python generator, cut by itertools

from itertools import islice


def continuation(model, text, window, choose):
    while True:
        text = text + [choose(next_logits(model, torch.tensor(text[-window:])))]
        yield text[-1]


def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    draws = torch.Generator()
    if seed is not None:
        draws.manual_seed(seed)

    def choose(logits):
        if seed is None:
            return int(logits.argmax())
        limit = len(logits) if k is None else k
        p = top_k_probabilities(logits, limit, temperature)
        return torch.multinomial(p, 1, generator=draws).item()

    return prompt + list(islice(continuation(model, prompt, window, choose), n_new))
