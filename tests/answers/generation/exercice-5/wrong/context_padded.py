# misconception: the context begins with padding where it is short
# fails: test_greedy_text
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    tokens = list(prompt)
    for step in range(n_new):
        logits = next_logits(model, ([0] * window + tokens)[-window:])
        if seed is None:
            tokens.append(int(greedy(logits)))
        else:
            tokens.append(int(sample(logits, 100_003 * seed + step, temperature, k)))
    return tokens
