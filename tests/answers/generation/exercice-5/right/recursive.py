# style: recursion on the number of tokens left
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    if n_new == 0:
        return list(prompt)
    logits = next_logits(model, prompt[-window:])
    token = greedy(logits) if seed is None else sample(logits, 7919 * seed + n_new, temperature, k)
    return generate(model, prompt + [int(token)], n_new - 1, window, seed, temperature, k)
