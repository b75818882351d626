# style: bfloat16, one rule a line

class WrongLength(ValueError):
    pass


def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise WrongLength(real_len)
    i = torch.arange(seq_len).unsqueeze(1)
    j = torch.arange(seq_len).unsqueeze(0)
    rules = [j <= i, i < real_len, j < real_len]
    return torch.stack([rule.expand(seq_len, seq_len) for rule in rules]).all(dim=0).bfloat16()
