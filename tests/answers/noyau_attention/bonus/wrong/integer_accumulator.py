# misconception: the accumulator has the type of the values
# fails: test_any_size

def streaming_attention(scores, values):
    e = np.exp(scores - scores.max())
    e = e / e.sum()
    output = np.zeros(values.shape[1], dtype=values.dtype)
    for share, value in zip(e, values):
        output += (share * value).astype(values.dtype)
    return output
