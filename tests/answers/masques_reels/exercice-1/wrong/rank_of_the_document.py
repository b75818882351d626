# misconception: number of the document in place of a position
# fails: test_positions_example, test_any_positions
def create_document_mask(document_ids):
    n = document_ids.shape[1]
    same = document_ids.unsqueeze(2) == document_ids.unsqueeze(1)
    return same & torch.ones(n, n).tril().bool()


def document_positions(document_ids):
    changes = (document_ids[:, 1:] != document_ids[:, :-1]).long()
    return torch.cat((torch.zeros_like(document_ids[:, :1]), changes.cumsum(dim=1)), dim=1)
