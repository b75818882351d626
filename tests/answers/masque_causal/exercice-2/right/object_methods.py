# style: a class of statistics, its methods named

class Statistics:
    def __init__(self, reduce):
        self.reduce = reduce

    def __call__(self, weights):
        per_query = torch.stack([torch.stack([self.reduce(row) for row in example]) for example in weights.double()])
        return per_query.mean(dim=0)


def mean_weight_per_position(weights):
    batch, n, _ = weights.shape
    return torch.ones(batch * n, dtype=weights.dtype) @ weights.reshape(-1, n) / (batch * n)


weight_variance = Statistics(lambda row: (row**2).mean() - row.mean() ** 2)
attention_entropy = Statistics(lambda row: -torch.xlogy(row, row).sum())
count_visible_positions = Statistics(lambda row: torch.count_nonzero(row).double())
