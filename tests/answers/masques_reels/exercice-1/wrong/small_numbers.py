# misconception: numbers kept on eight bits
# fails: test_any_documents
def create_document_mask(document_ids):
    ids = document_ids.to(torch.uint8)
    return torch.tril((ids[:, :, None] == ids[:, None, :]).int())


def document_positions(document_ids):
    n = document_ids.shape[1]
    positions = torch.zeros_like(document_ids)
    for j in range(1, n):
        same = document_ids[:, j] == document_ids[:, j - 1]
        positions[:, j] = torch.where(same, positions[:, j - 1] + 1, 0)
    return positions
