# style: the answer so far, corrected by each new key

def streaming_attention(scores, values):
    log_total = scores[0]
    answer = np.array(values[0], dtype=float)
    for s, v in zip(scores[1:], values[1:]):
        log_total = np.logaddexp(log_total, s)
        answer = answer + np.exp(s - log_total) * (v - answer)
    return answer
