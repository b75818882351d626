# style: masks multiplied as floats, positions as row sums
def create_document_mask(document_ids):
    same = (document_ids[:, :, None] == document_ids[:, None, :]).float()
    return same * create_causal_mask(document_ids.size(1))


def document_positions(document_ids):
    return create_document_mask(document_ids).sum(-1) - 1
