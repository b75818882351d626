# misconception: a transposition merges
# fails: test_merge_example, test_inverse, test_merge_any_shape, test_gradients_flow
def split_heads(x, n_heads):
    """Découpe les colonnes en têtes : la tête h prend les colonnes h*d_head à (h+1)*d_head - 1.

    Args:
        x: tenseur de forme (batch, n, d_model).
        n_heads: nombre de têtes, au moins 1.

    Returns:
        Tenseur de forme (batch, n_heads, n, d_head).

    Raises:
        ValueError: si n_heads ne divise pas d_model.
    """
    ### BEGIN SOLUTION
    batch, n, d_model = x.shape
    if d_model % n_heads != 0:
        raise ValueError(f"n_heads doit diviser d_model ; reçu : n_heads = {n_heads}, d_model = {d_model}.")
    return x.reshape(batch, n, n_heads, d_model // n_heads).transpose(1, 2)


def merge_heads(x):
    return x.transpose(1, 2)
