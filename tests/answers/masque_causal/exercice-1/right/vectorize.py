# style: a function of two indices, vectorised
def create_local_mask(seq_len):
    voit = np.vectorize(lambda i, j: 1.0 if 0 <= i - j <= 1 else 0.0)
    return voit(*np.indices((seq_len, seq_len)))
