# style: steps of n + 1 in the flattened matrix
def create_local_mask(seq_len):
    plat = np.zeros(seq_len * seq_len, dtype=int)
    plat[:: seq_len + 1] = 1
    plat[seq_len :: seq_len + 1] = 1
    return plat.reshape(seq_len, seq_len)
