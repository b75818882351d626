# style: NumPy, then from_numpy
def create_padding_mask(lengths, seq_len):
    lengths = np.array(lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("longueur impossible")
    real = np.arange(seq_len) < lengths.reshape(-1, 1, 1, 1)
    return torch.from_numpy(real.astype(np.uint8))


def create_causal_padding_mask(lengths, seq_len):
    padding = create_padding_mask(lengths, seq_len).numpy()
    return torch.from_numpy(padding * np.tri(seq_len))
