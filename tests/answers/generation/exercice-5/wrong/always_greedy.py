# misconception: always the most probable token
# fails: test_seed, test_draws, test_settings
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    tokens = list(prompt)
    for step in range(n_new):
        logits = next_logits(model, tokens[-window:])
        if True:
            token = greedy(logits)
        else:
            token = sample(logits, seed + step, temperature, k)
        tokens.append(int(token))
    return tokens
