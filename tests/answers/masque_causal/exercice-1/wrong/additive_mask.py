# misconception: the mask is the one that is added to scores: 0 and minus infinity
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    voit = np.eye(seq_len) + np.eye(seq_len, k=-1)
    return np.where(voit == 1, 0.0, -np.inf)
