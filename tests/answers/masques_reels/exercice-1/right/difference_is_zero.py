# style: equality written as a zero difference
def create_document_mask(document_ids):
    difference = document_ids[..., :, None] - document_ids[..., None, :]
    index = torch.arange(document_ids.shape[-1])
    return (difference == 0) * (index[:, None] >= index)


def document_positions(document_ids):
    before = torch.ones(document_ids.shape[1], document_ids.shape[1]).tril(-1)
    return ((document_ids[:, :, None] == document_ids[:, None, :]) * before).sum(dim=2).long()
