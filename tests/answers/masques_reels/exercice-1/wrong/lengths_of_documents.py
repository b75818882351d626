# misconception: each token gets the length of its document
# fails: test_positions_example, test_any_positions
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
    same = document_ids[:, :, None] == document_ids[:, None, :]
    return same.sum(dim=-1)
