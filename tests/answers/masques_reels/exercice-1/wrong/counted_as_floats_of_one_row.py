# misconception: a loop over the first row only
# fails: test_any_positions
def create_document_mask(document_ids):
    """Renvoie le masque causal qui isole les documents de chaque ligne.

    Args:
        document_ids: numéros des documents, tenseur d'entiers (batch, n).

    Returns:
        Tenseur de forme (batch, n, n), 1 = a le droit de voir.
    """
    ### BEGIN SOLUTION
    same = document_ids[:, :, None] == document_ids[:, None, :]
    return same & create_causal_mask(document_ids.shape[1]).bool()


def document_positions(document_ids):
    batch, n = document_ids.shape
    positions = torch.zeros(batch, n, dtype=torch.int64)
    for i in range(1, n):
        positions[:, i] = positions[:, i - 1] + 1 if document_ids[0, i] == document_ids[0, i - 1] else 0
    return positions
