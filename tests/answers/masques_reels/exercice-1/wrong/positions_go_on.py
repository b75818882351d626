# misconception: positions do not start again
# fails: test_positions_example, test_any_positions
def create_document_mask(document_ids):
    n = document_ids.shape[1]
    same = document_ids.unsqueeze(2) == document_ids.unsqueeze(1)
    return same & torch.ones(n, n).tril().bool()


def document_positions(document_ids):
    return torch.arange(document_ids.shape[1]).repeat(document_ids.shape[0], 1)
