# style: written in PyTorch and converted; stored by columns
def create_local_mask(seq_len):
    return torch.ones(seq_len, seq_len).triu().tril(diagonal=1).numpy().T
