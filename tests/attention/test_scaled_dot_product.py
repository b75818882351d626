"""Scaled dot-product attention: the formula, its masks, and what must never happen."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attention.masking import create_causal_mask
from attention.scaled_dot_product import ScaledDotProductAttention

TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-5, torch.float16: 5e-3, torch.bfloat16: 4e-2}


def tensors(*batch: int, n_q: int = 5, n_k: int = 5, d_k: int = 8, d_v: int = 6, dtype: torch.dtype = torch.float32):
    generator = torch.Generator().manual_seed(42)
    shapes = ((n_q, d_k), (n_k, d_k), (n_k, d_v))
    return [torch.randn(*batch, *shape, generator=generator, dtype=torch.float64).to(dtype) for shape in shapes]


def reference(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor, visible: torch.Tensor | None = None):
    """The formula in float64, with zeros for fully masked rows."""
    scores = Q.double() @ K.double().transpose(-2, -1) / Q.shape[-1] ** 0.5
    if visible is not None:
        scores = scores.masked_fill(~visible, -torch.inf)
    weights = torch.softmax(scores, dim=-1).nan_to_num(0.0)
    return weights @ V.double(), weights


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("masked", [False, True])
def test_values_in_every_floating_type(dtype: torch.dtype, masked: bool) -> None:
    """The formula holds in half, bfloat, single and double precision, and the type is kept."""
    Q, K, V = tensors(2, 3, dtype=dtype)
    mask = create_causal_mask(5) if masked else None
    output, weights = ScaledDotProductAttention(8)(Q, K, V, mask)
    expected_output, expected_weights = reference(Q, K, V, None if mask is None else mask.bool())
    assert output.dtype == weights.dtype == dtype
    torch.testing.assert_close(output.double(), expected_output, rtol=0, atol=4 * TOLERANCE[dtype])
    torch.testing.assert_close(weights.double(), expected_weights, rtol=0, atol=TOLERANCE[dtype])


@pytest.mark.parametrize(
    "dtype", [torch.bool, torch.uint8, torch.int32, torch.int64, torch.float16, torch.float32, torch.float64]
)
def test_masks_of_every_type_mean_the_same(dtype: torch.dtype) -> None:
    """1 or True may attend, 0 or False is blocked, whatever the mask's type."""
    Q, K, V = tensors(2)
    visible = torch.rand(5, 5, generator=torch.Generator().manual_seed(1)) < 0.6
    expected = ScaledDotProductAttention(8)(Q, K, V, visible)
    for got, wanted in zip(ScaledDotProductAttention(8)(Q, K, V, visible.to(dtype)), expected, strict=True):
        torch.testing.assert_close(got, wanted, rtol=0, atol=0)


def test_the_polarity_is_that_of_torch_functional() -> None:
    """A boolean mask gives what torch.nn.functional.scaled_dot_product_attention gives."""
    Q, K, V = tensors(2, 4)
    visible = create_causal_mask(5).bool()
    expected = torch.nn.functional.scaled_dot_product_attention(Q, K, V, attn_mask=visible)
    torch.testing.assert_close(ScaledDotProductAttention(8)(Q, K, V, visible)[0], expected)


@pytest.mark.parametrize("shape", [(3, 7), (1, 7), (3, 1), (2, 1, 3, 7), (2, 4, 3, 7), (4, 1, 7), (7,), ()])
def test_masks_broadcast_over_batch_heads_queries_and_keys(shape: tuple[int, ...]) -> None:
    """Any shape that broadcasts to (..., n_q, n_k) is a mask, with more keys than queries too."""
    Q, K, V = tensors(2, 4, n_q=3, n_k=7)
    visible = torch.rand(shape, generator=torch.Generator().manual_seed(3)) < 0.7
    output, weights = ScaledDotProductAttention(8)(Q, K, V, visible)
    expected_output, expected_weights = reference(Q, K, V, visible)
    torch.testing.assert_close(weights.double(), expected_weights, rtol=0, atol=1e-5)
    torch.testing.assert_close(output.double(), expected_output, rtol=0, atol=1e-5)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_fully_masked_rows_are_zeros_with_finite_gradients(dtype: torch.dtype) -> None:
    """A row that sees nothing gives zero weights, zero output and no NaN, forward or backward."""
    Q, K, V = (x.requires_grad_() for x in tensors(2, dtype=dtype))
    mask = create_causal_mask(5)
    mask[1], mask[3] = 0, 0
    output, weights = ScaledDotProductAttention(8)(Q, K, V, mask)
    output.square().sum().backward()
    assert not weights[:, [1, 3]].any()
    assert not output[:, [1, 3]].any()
    assert weights[:, [0, 2, 4]].any(dim=-1).all()
    assert all(torch.isfinite(x.grad).all() for x in (Q, K, V))
    assert not Q.grad[:, [1, 3]].any()


def test_an_all_blocked_mask_gives_zeros() -> None:
    """Nothing to see anywhere: zeros everywhere."""
    output, weights = ScaledDotProductAttention(8)(*tensors(2), torch.zeros(5, 5))
    assert not output.any()
    assert not weights.any()


def test_gradients_are_those_of_the_plain_expression() -> None:
    """In-place steps inside change no gradient."""
    ours, plain = ([x.requires_grad_() for x in tensors(2, dtype=torch.float64)] for _ in range(2))
    visible = create_causal_mask(5).bool()
    ScaledDotProductAttention(8)(*ours, visible)[0].sin().sum().backward()
    reference(*plain, visible)[0].sin().sum().backward()
    for mine, other in zip(ours, plain, strict=True):
        torch.testing.assert_close(mine.grad, other.grad)


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 8), changed=st.integers(1, 8), seed=st.integers(0, 2**16))
def test_the_future_changes_no_earlier_output(n: int, changed: int, seed: int) -> None:
    """With the causal mask, other keys and values from position j on leave the outputs before j as they were."""
    position = min(changed, n)
    generator = torch.Generator().manual_seed(seed)
    Q, K, V = torch.randn(3, n, 4, generator=generator)
    other_K, other_V = K.clone(), V.clone()
    other_K[position:], other_V[position:] = 50.0, -50.0
    layer, mask = ScaledDotProductAttention(4), create_causal_mask(n)
    before, weights = layer(Q, K, V, mask)
    after, _ = layer(Q, other_K, other_V, mask)
    assert torch.equal(after[:position], before[:position])
    torch.testing.assert_close(weights.sum(-1), torch.ones(n))


def test_inputs_are_not_modified() -> None:
    """Queries, keys, values and mask are the same after the call."""
    inputs = [*tensors(2), create_causal_mask(5)]
    inputs[3][2] = 0
    copies = [x.clone() for x in inputs]
    ScaledDotProductAttention(8)(*inputs)
    assert all(torch.equal(x, copy) for x, copy in zip(inputs, copies, strict=True))


def test_non_contiguous_inputs_and_repeated_calls() -> None:
    """Transposed and expanded tensors give what their copies give, call after call."""
    layer = ScaledDotProductAttention(5)
    Q, K, V = (x.transpose(-1, -2) for x in tensors(2, n_q=5, n_k=5, d_k=8, d_v=8))
    mask = torch.ones(1, 8).expand(8, 8).tril()
    expected = layer(Q.contiguous(), K.contiguous(), V.contiguous(), mask.contiguous())
    for _ in range(2):
        for got, wanted in zip(layer(Q, K, V, mask), expected, strict=True):
            torch.testing.assert_close(got, wanted)


def test_integers_become_floats() -> None:
    """Whole-number queries, keys and values are computed in floating point."""
    Q = torch.eye(3, dtype=torch.int64)
    output, _ = ScaledDotProductAttention(3)(Q, Q, Q)
    assert output.dtype == torch.get_default_dtype()


def test_numpy_masks_are_accepted() -> None:
    """A mask built with NumPy can be passed as it is."""
    Q, K, V = tensors(2)
    got = ScaledDotProductAttention(8)(Q, K, V, np.tri(5))[1]
    torch.testing.assert_close(got, ScaledDotProductAttention(8)(Q, K, V, create_causal_mask(5))[1])


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        (((5, 7), (5, 8), (5, 6)), r"d_k = 8 ; formes reçues : Q \(5, 7\), K \(5, 8\)"),
        (((5, 8), (5, 7), (5, 6)), r"d_k = 8 ; formes reçues : Q \(5, 8\), K \(5, 7\)"),
        (((5, 8), (4, 8), (5, 6)), r"même n_k ; formes reçues : .*K \(4, 8\), V \(5, 6\)"),
        (((2, 5, 8), (3, 5, 8), (3, 5, 6)), r"lot de Q, K et V doivent s'accorder"),
        (((8,), (5, 8), (5, 6)), r"au moins 2 dimensions.*Q \(8,\)"),
    ],
)
def test_shapes_that_do_not_fit_are_named(shapes: tuple[tuple[int, ...], ...], expected: str) -> None:
    """The error says which shapes were expected and which came."""
    with pytest.raises(ValueError, match=expected):
        ScaledDotProductAttention(8)(*(torch.zeros(shape) for shape in shapes))


@pytest.mark.parametrize("shape", [(5, 4), (4, 5), (3, 5, 5), (2, 2, 5, 5)])
def test_a_mask_that_does_not_broadcast_is_named(shape: tuple[int, ...]) -> None:
    """A mask of another size, or one that would enlarge the scores, is refused with both shapes."""
    with pytest.raises(ValueError, match=r"\(2, 5, 5\) ; forme reçue : \(" + ", ".join(map(str, shape))):
        ScaledDotProductAttention(8)(*tensors(2), torch.ones(shape))


def test_an_additive_mask_is_refused() -> None:
    """0 and -inf would mean the opposite here: the error says how to write it."""
    additive = torch.zeros(5, 5).masked_fill(create_causal_mask(5) == 0, -torch.inf)
    with pytest.raises(ValueError, match="mask == 0"):
        ScaledDotProductAttention(8)(*tensors(2), additive)


def test_a_dimension_below_one_is_refused() -> None:
    """d_k divides the scores."""
    with pytest.raises(ValueError, match="au moins 1 ; reçu : 0"):
        ScaledDotProductAttention(0)
