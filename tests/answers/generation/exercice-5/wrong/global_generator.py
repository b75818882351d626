# misconception: draws from the global generator, whatever the seed
# fails: test_seed, test_draws
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    tokens = list(prompt)
    for step in range(n_new):
        logits = next_logits(model, tokens[-window:])
        if seed is None:
            token = greedy(logits)
        else:
            token = torch.multinomial(torch.softmax(logits / temperature, -1), 1)
        tokens.append(int(token))
    return tokens
