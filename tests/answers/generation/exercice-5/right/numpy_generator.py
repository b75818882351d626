# style: np.random.default_rng and choice
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    rng = np.random.default_rng(seed)
    text = [int(t) for t in prompt]
    while len(text) < len(prompt) + n_new:
        start = max(0, len(text) - window)
        logits = next_logits(model, text[start:])
        if seed is None:
            text.append(int(np.argmax(logits.numpy())))
            continue
        p = top_k_probabilities(logits, k or len(logits), temperature).double().numpy()
        text.append(int(rng.choice(len(p), p=p / p.sum())))
    return text
