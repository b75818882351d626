# style: masks repeated by loops
def sdpa_arguments(visible):
    return {"attn_mask": visible.bool().unsqueeze(1)}


def multihead_arguments(visible, n_heads):
    masks = []
    for example in visible:
        for _ in range(n_heads):
            masks.append(example == 0)
    return {"attn_mask": torch.stack(masks)}


def padded_causal_arguments(real):
    n = real.shape[1]
    blocked = torch.zeros(n, n, dtype=torch.bool)
    for i in range(n):
        blocked[i, i + 1 :] = True
    return {"attn_mask": blocked, "key_padding_mask": real < 0.5}
