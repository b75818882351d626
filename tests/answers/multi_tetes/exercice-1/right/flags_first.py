# style: a try block, tensor_split and unbind, annotated
def split_heads(x: torch.Tensor, n_heads: int) -> torch.Tensor:
    """Découpe."""
    if not (x.shape[-1] / n_heads).is_integer():
        raise ValueError(f"{x.shape[-1]} / {n_heads} n'est pas un entier")
    pieces = x.tensor_split(n_heads, dim=2)
    return torch.cat([piece.unsqueeze(1) for piece in pieces], dim=1)


def merge_heads(x: torch.Tensor) -> torch.Tensor:
    """Recolle."""
    return torch.concatenate(x.unbind(dim=1), dim=-1)
