# misconception: only the sum depends on the maximum
# fails: test_any_order

def streaming_attention(scores, values):
    m, total, output = scores[0], 0.0, np.zeros(values.shape[1])
    for s, v in zip(scores, values):
        new = max(m, s)
        total = total * np.exp(m - new) + np.exp(s - new)
        output += np.exp(s - new) * v
        m = new
    return output / total
