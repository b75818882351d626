# misconception: only equality with the previous token
# fails: test_mask_example, test_any_documents
def create_document_mask(document_ids):
    batch, n = document_ids.shape
    mask = torch.zeros(batch, n, n)
    for i in range(n):
        mask[:, i, i] = 1
        if i > 0:
            mask[:, i, i - 1] = (document_ids[:, i] == document_ids[:, i - 1]).float()
    return mask


def document_positions(document_ids):
    n = document_ids.shape[1]
    positions = torch.zeros_like(document_ids)
    for j in range(1, n):
        same = document_ids[:, j] == document_ids[:, j - 1]
        positions[:, j] = torch.where(same, positions[:, j - 1] + 1, 0)
    return positions
