# style: zeros and minus infinity throughout
def sdpa_arguments(visible):
    return {"attn_mask": torch.zeros(visible.shape).masked_fill(visible == 0, -torch.inf)[:, None]}


def multihead_arguments(visible, n_heads):
    bias = torch.zeros(visible.shape).masked_fill(visible == 0, -torch.inf)
    return {"attn_mask": bias.repeat_interleave(n_heads, dim=0)}


def padded_causal_arguments(real):
    n = real.shape[1]
    causal = torch.full((n, n), -torch.inf).triu(1)
    padding = torch.zeros(real.shape).masked_fill(real == 0, -torch.inf)
    return {"attn_mask": causal, "key_padding_mask": padding}
