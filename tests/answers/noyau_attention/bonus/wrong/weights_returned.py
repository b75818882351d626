# misconception: the weights are the answer
# fails: test_two_keys, test_one_key, test_any_size

def streaming_attention(scores, values):
    e = np.exp(scores - scores.max())
    return e / e.sum()
