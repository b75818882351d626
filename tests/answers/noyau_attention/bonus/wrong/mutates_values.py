# misconception: the first value is the accumulator
# fails: test_large

def streaming_attention(scores, values):
    m, total, output = scores[0], 1.0, values[0]
    for s, v in zip(scores[1:], values[1:]):
        new = max(m, s)
        output *= np.exp(m - new)
        output += np.exp(s - new) * v
        total = total * np.exp(m - new) + np.exp(s - new)
        m = new
    return output / total
