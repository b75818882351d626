# style: a fold over pairs (maximum, total, output)

from functools import reduce


def streaming_attention(scores, values):
    def step(state, item):
        m, l, o = state
        s, v = item
        new = m if m > s else s
        return new, l * np.exp(m - new) + np.exp(s - new), o * np.exp(m - new) + np.exp(s - new) * v

    first = (scores[0], 1.0, values[0].astype(float))
    _, total, output = reduce(step, zip(scores[1:], values[1:]), first)
    return output / total
