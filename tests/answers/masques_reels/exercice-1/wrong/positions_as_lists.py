# misconception: positions as nested lists
# fails: test_positions_example, test_any_positions
def create_document_mask(document_ids):
    n = document_ids.shape[1]
    same = document_ids.unsqueeze(2) == document_ids.unsqueeze(1)
    return same & torch.ones(n, n).tril().bool()


def document_positions(document_ids):
    return (create_document_mask(document_ids).int().sum(dim=-1) - 1).tolist()
