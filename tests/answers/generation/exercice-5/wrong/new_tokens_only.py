# misconception: returns the new tokens without the prompt
# fails: test_alphabet, test_greedy_text, test_nothing_to_add
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    tokens = list(prompt)
    for step in range(n_new):
        logits = next_logits(model, tokens[-window:])
        if seed is None:
            token = greedy(logits)
        else:
            token = sample(logits, seed + step, temperature, k)
        tokens.append(int(token))
    return tokens[len(prompt):]
