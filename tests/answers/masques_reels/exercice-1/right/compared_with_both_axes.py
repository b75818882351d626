# style: ids compared along two axes, positions counted on
def create_document_mask(document_ids):
    n = document_ids.shape[1]
    same = document_ids.unsqueeze(2) == document_ids.unsqueeze(1)
    return same & torch.ones(n, n).tril().bool()


def document_positions(document_ids):
    n = document_ids.shape[1]
    positions = torch.zeros_like(document_ids)
    for j in range(1, n):
        same = document_ids[:, j] == document_ids[:, j - 1]
        positions[:, j] = torch.where(same, positions[:, j - 1] + 1, 0)
    return positions
