# misconception: terms already added grow when the maximum grows
# fails: test_any_order, test_any_size

def streaming_attention(scores, values):
    largest, total, output = scores[0], 1.0, np.asarray(values[0], dtype=float)
    for score, value in zip(scores[1:], values[1:]):
        new_largest = max(largest, score)
        shrink, share = np.exp(new_largest - largest), np.exp(score - new_largest)
        largest, total, output = new_largest, shrink * total + share, shrink * output + share * value
    return output / total
