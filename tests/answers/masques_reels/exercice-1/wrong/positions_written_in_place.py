# misconception: positions written over the numbers
# fails: test_ids_unchanged
def create_document_mask(document_ids):
    n = document_ids.shape[1]
    same = document_ids.unsqueeze(2) == document_ids.unsqueeze(1)
    return same & torch.ones(n, n).tril().bool()


def document_positions(document_ids):
    positions = create_document_mask(document_ids).long().sum(dim=-1) - 1
    document_ids.copy_(positions)
    return document_ids
