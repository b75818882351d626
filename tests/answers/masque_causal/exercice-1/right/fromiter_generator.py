# style: a generator, read by np.fromiter

def create_local_mask(seq_len):
    def cells():
        for i in range(seq_len):
            yield from (0 <= i - j <= 1 for j in range(seq_len))

    return np.fromiter(cells(), dtype=bool, count=seq_len**2).reshape(seq_len, seq_len)
