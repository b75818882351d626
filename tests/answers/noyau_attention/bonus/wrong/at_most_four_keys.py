# misconception: there are never more keys than in the examples
# fails: test_any_size

def streaming_attention(scores, values):
    s, v = scores[:4], values[:4]
    e = np.exp(s - s.max())
    return e / e.sum() @ v
