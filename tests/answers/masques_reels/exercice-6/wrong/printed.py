# misconception: dictionaries printed
# fails: test_sdpa_causal, test_multihead_causal, test_padded_example, test_any_sdpa, test_any_multihead, test_any_padding, test_types
def sdpa_arguments(visible):
    print({"attn_mask": visible.bool().unsqueeze(1)})


def multihead_arguments(visible, n_heads):
    print({"attn_mask": torch.repeat_interleave(visible == 0, n_heads, dim=0)})


def padded_causal_arguments(real):
    n = real.shape[1]
    print({"attn_mask": torch.ones(n, n).triu(1).bool(), "key_padding_mask": real == 0})
