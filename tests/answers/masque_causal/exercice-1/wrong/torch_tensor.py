# misconception: a PyTorch tensor is returned where NumPy is asked
# fails: test_shape, test_any_length
def create_local_mask(seq_len):
    return torch.eye(seq_len) + torch.diag(torch.ones(seq_len - 1), -1)
