# misconception: the first mask is kept and given back at every later call
# fails: test_shape, test_any_length
deja = []


def create_local_mask(seq_len):
    if not deja:
        deja.append(np.eye(seq_len) + np.eye(seq_len, k=-1))
    return deja[0]
