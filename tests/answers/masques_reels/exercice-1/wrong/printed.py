# misconception: both results printed
# fails: test_mask_example, test_positions_example, test_any_documents, test_any_positions
def create_document_mask(document_ids):
    same = document_ids[:, :, None] == document_ids[:, None, :]
    print(torch.tril(same.int()))


def document_positions(document_ids):
    same = document_ids[:, :, None] == document_ids[:, None, :]
    print(torch.tril(same.int()).sum(dim=-1) - 1)
