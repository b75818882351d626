# misconception: changes the table of the model
# fails: test_prompt_unchanged
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    tokens = list(prompt)
    for step in range(n_new):
        logits = next_logits(model, tokens[-window:])
        if isinstance(model, torch.Tensor):
            model += 0.01
        if seed is None:
            token = greedy(logits)
        else:
            token = sample(logits, seed + step, temperature, k)
        tokens.append(int(token))
    return tokens
