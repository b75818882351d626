# misconception: the best key gives the answer
# fails: test_two_keys, test_any_order

def streaming_attention(scores, values):
    best = 0
    for j in range(len(scores)):
        if scores[j] > scores[best]:
            best = j
    return values[best].astype(float)
