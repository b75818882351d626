# misconception: a table is made once, and no sentence is thought to be longer
# fails: test_any_length
LONGUEUR_MAX = 64
TABLE = np.eye(LONGUEUR_MAX) + np.eye(LONGUEUR_MAX, k=-1)


def create_local_mask(seq_len):
    return TABLE[:seq_len, :seq_len]
