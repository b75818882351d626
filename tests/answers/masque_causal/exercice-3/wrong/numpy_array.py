# misconception: a NumPy array is returned where PyTorch is asked
# fails: test_example, test_any_length, test_bounds
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    masque = np.tri(seq_len)
    masque[real_len:] = 0
    return masque
