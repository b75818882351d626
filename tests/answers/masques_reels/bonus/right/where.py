# style: queries and keys compared, torch.where
def create_alibi_bias(n_new, n_past, slopes):
    queries = torch.arange(n_past, n_past + n_new)[:, None]
    keys = torch.arange(n_past + n_new)
    bias = slopes.view(-1, 1, 1) * (keys - queries)
    return torch.where(keys <= queries, bias, -torch.inf)
