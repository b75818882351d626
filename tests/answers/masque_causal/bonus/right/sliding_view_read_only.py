# style: windows sliding over a single strip, seen from the end: a read-only view
def create_sliding_window_mask(seq_len, window_size):
    largeur = min(window_size, seq_len)
    bande = np.concatenate([np.zeros(seq_len - largeur), np.ones(largeur), np.zeros(seq_len - 1)])
    return np.lib.stride_tricks.sliding_window_view(bande, seq_len)[::-1]
