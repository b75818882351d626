# misconception: the scores are to be divided by the root of d_v
# fails: test_any_order, test_any_size

def streaming_attention(scores, values):
    scores = scores / np.sqrt(values.shape[1])
    e = np.exp(scores - scores.max())
    return e / e.sum() @ values
