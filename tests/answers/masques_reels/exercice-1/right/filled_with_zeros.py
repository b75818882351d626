# style: the future filled with zeros
def create_document_mask(document_ids):
    n = document_ids.shape[1]
    mask = torch.eq(document_ids[:, :, None], document_ids[:, None, :]).to(torch.float32)
    return mask.masked_fill(torch.ones(n, n, dtype=torch.bool).triu(diagonal=1), 0.0)


def document_positions(document_ids):
    mask = create_document_mask(document_ids)
    return torch.argmax(mask, dim=-1).neg() + torch.arange(document_ids.shape[1])
