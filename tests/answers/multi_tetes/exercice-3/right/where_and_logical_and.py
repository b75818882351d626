# style: torch.where and logical_and
def create_padding_mask(lengths: list[int], seq_len: int) -> torch.Tensor:
    ends = torch.as_tensor(lengths, dtype=torch.float32)
    if max(ends) > seq_len or min(ends) < 0:
        raise ValueError("longueur impossible")
    positions = torch.arange(seq_len, dtype=torch.float32)
    return torch.where(positions < ends[:, None, None, None], 1.0, 0.0)


def create_causal_padding_mask(lengths: list[int], seq_len: int) -> torch.Tensor:
    causal = torch.ones(seq_len, seq_len, dtype=torch.bool).tril()
    return torch.logical_and(causal, create_padding_mask(lengths, seq_len))
