# misconception: indices are held in eight bits, and start again at 256
# fails: test_any_length
def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    i = np.arange(seq_len).astype(np.uint8)
    causal = torch.from_numpy(i[None, :] <= i[:, None])
    causal[real_len:] = False
    return causal
