# style: heads added as a dimension, then flattened into the batch
def sdpa_arguments(visible):
    return dict(attn_mask=visible[:, None, :, :] == 1)


def multihead_arguments(visible, n_heads):
    blocked = torch.logical_not(visible.bool())
    with_heads = blocked[:, None].expand(-1, n_heads, -1, -1)
    return dict(attn_mask=with_heads.flatten(0, 1))


def padded_causal_arguments(real):
    n = real.shape[1]
    return {"attn_mask": torch.ones(n, n).triu(1).bool(), "key_padding_mask": real == 0}
