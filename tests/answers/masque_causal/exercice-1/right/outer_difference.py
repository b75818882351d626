# style: the distances by an outer difference, looked up in a list
def create_local_mask(seq_len):
    return np.isin(np.subtract.outer(np.arange(seq_len), np.arange(seq_len)), [0, 1])
