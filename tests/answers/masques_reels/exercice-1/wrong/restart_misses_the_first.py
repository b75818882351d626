# misconception: first token of a later document counted on
# fails: test_positions_example, test_any_positions
def create_document_mask(document_ids):
    n = document_ids.shape[1]
    same = document_ids.unsqueeze(2) == document_ids.unsqueeze(1)
    return same & torch.ones(n, n).tril().bool()


def document_positions(document_ids):
    batch, n = document_ids.shape
    result = torch.zeros(batch, n, dtype=torch.long)
    for b in range(batch):
        count = 0
        for j in range(1, n):
            count += 1
            result[b, j] = count
            if document_ids[b, j] != document_ids[b, j - 1]:
                count = 0
    return result
