# misconception: the running sum of raw exponentials is enough
# fails: test_large

def streaming_attention(scores, values):
    total, output = 0.0, np.zeros(values.shape[1])
    for s, v in zip(scores, values):
        total += np.exp(s)
        output += np.exp(s) * v
    return output / total
