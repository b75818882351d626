# misconception: the last key is not read
# fails: test_two_keys, test_any_order, test_any_size

def streaming_attention(scores, values):
    m, l, o = scores[0], 1.0, values[0] * 1.0
    for j in range(1, len(scores) - 1):
        new = max(m, scores[j])
        l = l * np.exp(m - new) + np.exp(scores[j] - new)
        o = o * np.exp(m - new) + np.exp(scores[j] - new) * values[j]
        m = new
    return o / l
