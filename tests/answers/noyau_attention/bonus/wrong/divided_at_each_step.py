# misconception: the output is divided after each key
# fails: test_any_order, test_large, test_any_size
def streaming_attention(scores, values):
    largest, total, output = scores[0], 1.0, np.asarray(values[0], dtype=float)
    for score, value in zip(scores[1:], values[1:]):
        new_largest = max(largest, score)
        shrink, share = np.exp(largest - new_largest), np.exp(score - new_largest)
        total = shrink * total + share
        output = (shrink * output + share * value) / total
        largest = new_largest
    return output
