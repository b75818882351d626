# style: a cyclic shift whose corner is put back to zero
def create_local_mask(seq_len):
    identite = np.eye(seq_len, dtype=int)
    precedent = np.roll(identite, 1, axis=0)
    precedent[0] = 0
    return identite | precedent
