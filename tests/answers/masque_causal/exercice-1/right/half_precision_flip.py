# style: float16, a view read backwards

def create_local_mask(seq_len):
    mask = np.eye(seq_len, dtype=np.float16)[::-1]
    mask = np.ascontiguousarray(mask)
    mask[np.arange(seq_len - 1), np.arange(seq_len - 1)[::-1]] = 1
    return mask[::-1]
