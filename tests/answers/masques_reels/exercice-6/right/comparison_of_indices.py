# style: indices compared
def sdpa_arguments(visible):
    return {"attn_mask": visible.bool().unsqueeze(1)}


def multihead_arguments(visible, n_heads):
    return {"attn_mask": torch.repeat_interleave(visible == 0, n_heads, dim=0)}


def padded_causal_arguments(real):
    index = torch.arange(real.shape[1])
    return {"attn_mask": index > index[:, None], "key_padding_mask": torch.eq(real, 0)}
