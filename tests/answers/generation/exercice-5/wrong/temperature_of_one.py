# misconception: the temperature stays at 1
# fails: test_settings
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    tokens = list(prompt)
    for step in range(n_new):
        context = tokens[-window:]
        logits = next_logits(model, context)
        if seed is None:
            token = greedy(logits)
        else:
            token = sample(logits, seed * 100003 + step, 1.0, k)
        tokens.append(int(token))
    return tokens
