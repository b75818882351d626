# misconception: the weighted sum is the answer
# fails: test_two_keys, test_any_order

def streaming_attention(scores, values):
    m, output = scores[0], np.zeros(values.shape[1])
    for s, v in zip(scores, values):
        new = max(m, s)
        output = output * np.exp(m - new) + np.exp(s - new) * v
        m = new
    return output
