# style: two blocks on a diagonal, half precision
def create_combined_mask(seq_len, real_len):
    reste = seq_len - real_len
    if reste < 0 or real_len < 0:
        raise ValueError("longueur impossible")
    causal = torch.ones(real_len, real_len, dtype=torch.float16).tril()
    return torch.block_diag(causal, torch.zeros(reste, reste, dtype=torch.float16))
