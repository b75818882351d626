# misconception: a table of twenty tokens is surrounded by zeros for longer sentences
# fails: test_any_length
TABLE = np.eye(20) + np.eye(20, k=-1)


def create_local_mask(seq_len):
    masque = np.zeros((seq_len, seq_len))
    taille = min(len(TABLE), seq_len)
    masque[:taille, :taille] = TABLE[:taille, :taille]
    return masque
