# style: nested comprehensions, Python integers
def create_local_mask(seq_len):
    return np.array([[int(i - j in (0, 1)) for j in range(seq_len)] for i in range(seq_len)])
