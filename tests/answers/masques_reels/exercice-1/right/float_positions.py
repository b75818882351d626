# style: positions returned as floats
def create_document_mask(document_ids):
    n = document_ids.shape[1]
    same = document_ids.unsqueeze(2) == document_ids.unsqueeze(1)
    return same & torch.ones(n, n).tril().bool()


def document_positions(document_ids):
    result = torch.zeros(document_ids.shape)
    for b in range(document_ids.shape[0]):
        count = 0
        for j in range(document_ids.shape[1]):
            if j > 0 and document_ids[b, j] != document_ids[b, j - 1]:
                count = 0
            result[b, j] = count
            count += 1
    return result
