# style: one torch generator for the whole text, a tensor grown by cat
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    text = torch.tensor(prompt)
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    for _ in range(n_new):
        logits = next_logits(model, text[-window:])
        if generator is None:
            new = logits.argmax()
        else:
            p = temperature_probabilities(logits, temperature) if k is None else top_k_probabilities(logits, k, temperature)
            new = torch.multinomial(p, 1, generator=generator)[0]
        text = torch.cat((text, new[None]))
    return text
