# misconception: the first row's positions for all rows
# fails: test_any_positions
def create_document_mask(document_ids):
    n = document_ids.shape[1]
    same = document_ids.unsqueeze(2) == document_ids.unsqueeze(1)
    return same & torch.ones(n, n).tril().bool()


def document_positions(document_ids):
    ids = document_ids[0]
    positions = torch.tril((ids[:, None] == ids[None, :]).int()).sum(dim=-1) - 1
    return positions.repeat(document_ids.shape[0], 1)
