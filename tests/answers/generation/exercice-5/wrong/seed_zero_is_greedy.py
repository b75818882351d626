# misconception: the truth value of the seed is tested: 0 means no seed
# fails: test_draws
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    tokens = list(prompt)
    for step in range(n_new):
        logits = next_logits(model, tokens[-window:])
        if not seed:
            token = greedy(logits)
        else:
            token = sample(logits, seed + step, temperature, k)
        tokens.append(int(token))
    return tokens
