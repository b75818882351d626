# misconception: the width of the first call is kept for each length
# fails: test_wide_window, test_any_window
LARGEURS = {}


def create_sliding_window_mask(seq_len, window_size):
    largeur = LARGEURS.setdefault(seq_len, window_size)
    return np.tri(seq_len) - np.tri(seq_len, k=-largeur)
