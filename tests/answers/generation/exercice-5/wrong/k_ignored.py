# misconception: k is not passed on
# fails: test_settings
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    tokens = list(prompt)
    for step in range(n_new):
        logits = next_logits(model, tokens[-window:])
        if seed is None:
            token = greedy(logits)
        else:
            token = sample(logits, seed + step, temperature)
        tokens.append(int(token))
    return tokens
