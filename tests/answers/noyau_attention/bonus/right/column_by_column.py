# style: one output number at a time, in plain floats

def streaming_attention(scores, values):
    answer = []
    for column in range(values.shape[1]):
        m, l, o = float("-inf"), 0.0, 0.0
        for j in range(len(scores)):
            s, v = float(scores[j]), float(values[j][column])
            if s > m:
                shrink = 0.0 if m == float("-inf") else math.exp(m - s)
                l, o, m = l * shrink, o * shrink, s
            l += math.exp(s - m)
            o += math.exp(s - m) * v
        answer.append(o / l)
    return np.array(answer)
