# style: a sparse tensor, made dense

def create_combined_mask(seq_len, real_len):
    if real_len not in range(seq_len + 1):
        raise ValueError("real_len")
    indices = torch.tensor([[i, j] for i in range(real_len) for j in range(i + 1)]).reshape(-1, 2).T
    return torch.sparse_coo_tensor(indices, torch.ones(indices.shape[1]), (seq_len, seq_len)).to_dense()
