# style: a chooser made before the loop
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    if seed is None:
        def choose(logits):
            return int(logits.argmax())
    else:
        rng = torch.Generator()
        rng.manual_seed(seed)

        def choose(logits):
            logits = logits / temperature
            if k is not None:
                kept = torch.topk(logits, min(k, len(logits)))
                p = torch.zeros(len(logits)).scatter(0, kept.indices, torch.softmax(kept.values, 0))
            else:
                p = torch.softmax(logits, 0)
            return int(torch.multinomial(p, 1, generator=rng))

    tokens = [*prompt]
    for _ in range(n_new):
        tokens = [*tokens, choose(next_logits(model, torch.tensor(tokens[-window:])))]
    return tokens
