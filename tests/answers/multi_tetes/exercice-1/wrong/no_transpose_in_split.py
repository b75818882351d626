# misconception: the tokens stay before the heads
# fails: test_split_example, test_inverse, test_split_any_shape, test_gradients_flow
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
    if d_model % n_heads != 0:
        raise ValueError("n_heads doit diviser d_model")
    return x.reshape(batch, n, n_heads, d_model // n_heads)
