# style: a column of indices against a row, booleans
def create_local_mask(seq_len):
    i = np.arange(seq_len)[:, None]
    j = np.arange(seq_len)[None, :]
    return (j == i) | (j == i - 1)
