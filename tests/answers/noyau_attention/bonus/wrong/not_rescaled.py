# misconception: terms already added need no correction
# fails: test_any_order

def streaming_attention(scores, values):
    m, total, output = -np.inf, 0.0, np.zeros(values.shape[1])
    for s, v in zip(scores, values):
        m = max(m, s)
        total += np.exp(s - m)
        output += np.exp(s - m) * v
    return output / total
