# style: examples picked by index
def sdpa_arguments(visible):
    return {"attn_mask": visible.bool().unsqueeze(1)}


def multihead_arguments(visible, n_heads):
    example = torch.arange(len(visible) * n_heads) // n_heads
    return {"attn_mask": visible[example] == 0}


def padded_causal_arguments(real):
    n = real.shape[1]
    return {"attn_mask": torch.ones(n, n).triu(1).bool(), "key_padding_mask": real == 0}
