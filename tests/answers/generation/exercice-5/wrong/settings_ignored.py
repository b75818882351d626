# misconception: sample has good defaults
# fails: test_settings
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    tokens = list(prompt)
    for step in range(n_new):
        logits = next_logits(model, tokens[-window:])
        if seed is None:
            tokens.append(int(greedy(logits)))
        else:
            tokens.append(int(sample(logits, 100_003 * seed + step)))
    return tokens
