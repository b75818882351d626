# misconception: a list of lists is an array
# fails: test_manual_example, test_manual_lengths

def create_causal_mask_manual(seq_len):
    return [[1 if j <= i else 0 for j in range(seq_len)] for i in range(seq_len)]


def create_causal_mask(seq_len, device="cpu"):
    return torch.ones(seq_len, seq_len, device=device).tril()
