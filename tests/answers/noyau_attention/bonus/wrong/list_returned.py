# misconception: a list will do
# fails: test_two_keys, test_any_size

def streaming_attention(scores, values):
    e = np.exp(scores - scores.max())
    return list(e / e.sum() @ values)
