# style: PyTorch inside

def streaming_attention(scores, values):
    s = torch.tensor(np.asarray(scores, dtype=float))
    v = torch.tensor(np.asarray(values, dtype=float))
    return (torch.softmax(s, dim=0) @ v).numpy()
