# style: repeat along a new dimension, then reshaped
def sdpa_arguments(visible):
    return {"attn_mask": visible.bool().unsqueeze(1)}


def multihead_arguments(visible, n_heads):
    batch, n_q, n_k = visible.shape
    blocked = (visible == 0).unsqueeze(1).repeat(1, n_heads, 1, 1)
    return {"attn_mask": blocked.reshape(batch * n_heads, n_q, n_k)}


def padded_causal_arguments(real):
    n = real.shape[1]
    return {"attn_mask": torch.ones(n, n).triu(1).bool(), "key_padding_mask": real == 0}
