# misconception: [[0] * n] * n makes n different rows
# fails: test_manual_example, test_manual_lengths

def create_causal_mask_manual(seq_len):
    rows = [[0] * seq_len] * seq_len
    for i in range(seq_len):
        for j in range(i + 1):
            rows[i][j] = 1
    return np.array(rows)


def create_causal_mask(seq_len, device="cpu"):
    return torch.ones(seq_len, seq_len, device=device).tril()
