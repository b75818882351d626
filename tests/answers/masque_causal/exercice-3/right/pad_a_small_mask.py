# style: a small causal mask, padded with zeros
import torch.nn.functional as F


def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    reste = seq_len - real_len
    return F.pad(torch.tril(torch.ones(real_len, real_len)), (0, reste, 0, reste), value=0.0)
