# misconception: the seed is multiplied by the step: 0 draws the same at each step
# fails: test_draws
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    tokens = list(prompt)
    for step in range(n_new):
        logits = next_logits(model, tokens[-window:])
        if seed is None:
            token = greedy(logits)
        else:
            token = sample(logits, seed * step, temperature, k)
        tokens.append(int(token))
    return tokens
