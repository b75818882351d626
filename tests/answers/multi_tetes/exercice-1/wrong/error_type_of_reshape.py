# misconception: reshape refuses by itself
# fails: test_error, test_all_errors
def merge_heads(x):
    """Recolle les têtes côte à côte : l'inverse de split_heads.

    Args:
        x: tenseur de forme (batch, n_heads, n, d_head).

    Returns:
        Tenseur de forme (batch, n, n_heads * d_head).
    """
    ### BEGIN SOLUTION
    batch, n_heads, n, d_head = x.shape
    return x.transpose(1, 2).reshape(batch, n, n_heads * d_head)


def split_heads(x, n_heads):
    batch, n, d_model = x.shape
    return x.reshape(batch, n, n_heads, -1).transpose(1, 2)
