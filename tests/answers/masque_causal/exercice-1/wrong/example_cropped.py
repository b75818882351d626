# misconception: the example is cropped for shorter sentences, and surrounded by zeros for longer ones
# fails: test_any_length
def create_local_mask(seq_len):
    exemple = [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 1, 1]]
    masque = np.zeros((seq_len, seq_len))
    taille = min(5, seq_len)
    masque[:taille, :taille] = np.array(exemple)[:taille, :taille]
    return masque
