# misconception: two overlapping bands are added: the diagonal holds 2
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    soi = np.eye(seq_len)
    soi_et_precedent = np.eye(seq_len) + np.eye(seq_len, k=-1)
    return soi + soi_et_precedent
