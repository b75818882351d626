# misconception: the example written in
# fails: test_any_documents
def create_document_mask(document_ids):
    mask = torch.zeros(1, 5, 5)
    mask[0, :3, :3] = torch.ones(3, 3).tril()
    mask[0, 3:, 3:] = torch.ones(2, 2).tril()
    return mask


def document_positions(document_ids):
    n = document_ids.shape[1]
    positions = torch.zeros_like(document_ids)
    for j in range(1, n):
        same = document_ids[:, j] == document_ids[:, j - 1]
        positions[:, j] = torch.where(same, positions[:, j - 1] + 1, 0)
    return positions
