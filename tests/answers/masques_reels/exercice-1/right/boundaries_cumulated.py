# style: documents numbered anew from their boundaries
def starts_of(document_ids):
    starts = torch.ones_like(document_ids)
    starts[:, 1:] = (document_ids[:, 1:] != document_ids[:, :-1]).long()
    return starts


def create_document_mask(document_ids):
    number = starts_of(document_ids).cumsum(dim=1)
    return torch.tril((number[:, :, None] == number[:, None, :]).int())


def document_positions(document_ids):
    index = torch.arange(document_ids.shape[1]).expand_as(document_ids)
    first = torch.where(starts_of(document_ids) == 1, index, 0).cummax(dim=1).values
    return index - first
