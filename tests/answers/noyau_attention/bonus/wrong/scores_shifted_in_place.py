# misconception: the scores are shifted where they stand
# fails: test_large, test_any_size

def streaming_attention(scores, values):
    scores -= scores.max()
    e = np.exp(scores)
    return e / e.sum() @ values
