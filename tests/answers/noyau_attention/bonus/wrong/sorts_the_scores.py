# misconception: sorting the scores received changes nothing
# fails: test_any_order, test_large, test_any_size

def streaming_attention(scores, values):
    scores.sort()
    e = np.exp(scores - scores[-1])
    return e / e.sum() @ values
