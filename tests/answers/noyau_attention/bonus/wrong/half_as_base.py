# misconception: powers of two in place of exponentials
# fails: test_any_order, test_any_size

def streaming_attention(scores, values):
    shares = 2.0 ** (scores - scores.max())
    return shares @ values / shares.sum()
