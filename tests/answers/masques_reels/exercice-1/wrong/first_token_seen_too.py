# misconception: the first token of the row is seen by all
# fails: test_mask_example, test_positions_example, test_any_documents, test_any_positions
def document_positions(document_ids):
    """Renvoie la position de chaque token dans son document, à partir de 0.

    Args:
        document_ids: numéros des documents, tenseur d'entiers (batch, n).

    Returns:
        Tenseur de forme (batch, n).
    """
    ### BEGIN SOLUTION
    return create_document_mask(document_ids).sum(dim=-1) - 1


def create_document_mask(document_ids):
    n = document_ids.shape[1]
    same = document_ids[:, :, None] == document_ids[:, None, :]
    same[:, :, 0] = True
    return same & torch.ones(n, n).tril().bool()
