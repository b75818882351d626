# style: a queue of the last tokens, as a generator of text keeps
from collections import deque


def create_sliding_window_mask(seq_len, window_size):
    memoire = deque(maxlen=window_size)
    masque = np.zeros((seq_len, seq_len), dtype=int)
    for token in range(seq_len):
        memoire.append(token)
        masque[token, list(memoire)] = 1
    return masque
