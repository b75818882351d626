# style: computed in NumPy in double precision, then converted
def mean_weight_per_position(weights):
    return torch.from_numpy(weights.numpy().mean(axis=1).mean(axis=0))


def weight_variance(weights):
    return torch.from_numpy(np.var(weights.numpy().astype(np.float64), axis=2).mean(axis=0))


def attention_entropy(weights):
    w = weights.numpy().astype(np.float64)
    journal = np.log(w, where=w > 0, out=np.zeros_like(w))
    return torch.from_numpy(-(w * journal).sum(axis=2).mean(axis=0))


def count_visible_positions(weights):
    return torch.from_numpy(np.count_nonzero(weights.numpy(), axis=2).mean(axis=0))
