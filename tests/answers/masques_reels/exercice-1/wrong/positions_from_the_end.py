# misconception: positions count what is left
# fails: test_positions_example, test_any_positions
def create_document_mask(document_ids):
    n = document_ids.shape[1]
    same = document_ids.unsqueeze(2) == document_ids.unsqueeze(1)
    return same & torch.ones(n, n).tril().bool()


def document_positions(document_ids):
    same = document_ids[:, :, None] == document_ids[:, None, :]
    return torch.triu(same.int()).sum(dim=-1) - 1
