# style: two halves, merged

def streaming_attention(scores, values):
    def state(i, j):
        if j - i == 1:
            return float(scores[i]), 1.0, np.array(values[i], dtype=np.float64)
        middle = (i + j) // 2
        m1, l1, o1 = state(i, middle)
        m2, l2, o2 = state(middle, j)
        m = max(m1, m2)
        a, b = math.exp(m1 - m), math.exp(m2 - m)
        return m, a * l1 + b * l2, a * o1 + b * o2

    _, total, output = state(0, len(scores))
    return output / total
