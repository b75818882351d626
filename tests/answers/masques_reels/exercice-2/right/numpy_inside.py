# style: computed with NumPy
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = np.array([int(p) for p in prefix_lengths])
    if (lengths < 0).any() or (lengths > seq_len).any():
        raise ValueError("longueur impossible")
    i, j = np.indices((seq_len, seq_len))
    return torch.from_numpy((j <= i) | (j < lengths[:, None, None]))


def counted_targets(prefix_lengths, seq_len):
    lengths = np.array([int(p) for p in prefix_lengths])
    if (lengths < 0).any() or (lengths > seq_len).any():
        raise ValueError("longueur impossible")
    return torch.from_numpy(np.arange(1, seq_len + 1) >= lengths[:, None])
