# style: nested comprehensions over the visible range
def create_sliding_window_mask(seq_len, window_size):
    voit = [range(max(0, i - window_size + 1), i + 1) for i in range(seq_len)]
    return np.array([[j in voit[i] for j in range(seq_len)] for i in range(seq_len)])
