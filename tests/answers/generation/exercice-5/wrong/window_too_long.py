# misconception: one token too many in the window
# fails: test_greedy_text
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    tokens = list(prompt)
    for step in range(n_new):
        logits = next_logits(model, tokens[-(window + 1):])
        if seed is None:
            token = greedy(logits)
        else:
            token = sample(logits, seed + step, temperature, k)
        tokens.append(int(token))
    return tokens
