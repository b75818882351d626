# misconception: showing the mask is returning it
# fails: test_manual_example, test_manual_lengths

def create_causal_mask_manual(seq_len):
    print(np.tri(seq_len))


def create_causal_mask(seq_len, device="cpu"):
    return torch.ones(seq_len, seq_len, device=device).tril()
