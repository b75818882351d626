# misconception: a tensor and an array are the same thing
# fails: test_torch_example, test_torch_lengths, test_device

def create_causal_mask_manual(seq_len):
    return np.tri(seq_len)


def create_causal_mask(seq_len, device="cpu"):
    return np.tril(np.ones((seq_len, seq_len)))
