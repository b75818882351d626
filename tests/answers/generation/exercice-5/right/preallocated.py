# style: an array filled place by place
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    n = len(prompt)
    text = torch.zeros(n + n_new, dtype=torch.long)
    text[:n] = torch.tensor(prompt)
    for place in range(n, n + n_new):
        logits = next_logits(model, text[max(0, place - window) : place])
        if seed is None:
            text[place] = torch.argmax(logits)
        else:
            text[place] = sample(logits, 1000 * seed + place, temperature=temperature, k=k)
    return text
