# style: triangles set on the diagonal, document by document
def lengths_of(row):
    return torch.unique_consecutive(row, return_counts=True)[1].tolist()


def create_document_mask(document_ids):
    return torch.stack([torch.block_diag(*[create_causal_mask(n) for n in lengths_of(row)]) for row in document_ids])


def document_positions(document_ids):
    return torch.stack([torch.cat([torch.arange(n) for n in lengths_of(row)]) for row in document_ids])
