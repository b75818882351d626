# misconception: the first token is never drawn
# fails: test_draws
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    tokens = list(prompt)
    for step in range(n_new):
        context = tokens[-window:]
        logits = next_logits(model, context)
        if seed is None or step == 0:
            token = greedy(logits)
        else:
            token = sample(logits, seed * 100003 + step, temperature, k)
        tokens.append(int(token))
    return tokens
