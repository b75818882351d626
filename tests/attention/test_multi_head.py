"""Multi-head attention: where each column goes, equality with torch's module, and how masks are read."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attention.masking import create_causal_mask
from attention.multi_head import MultiHeadAttention, merge_heads, split_heads


def tensors(
    *batch: int, n_q: int = 5, n_k: int = 5, d_model: int = 12, dtype: torch.dtype = torch.float64
) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(7)
    return [torch.randn(*batch, n, d_model, generator=generator, dtype=dtype) for n in (n_q, n_k, n_k)]


def layer_and_torch(d_model: int = 12, n_heads: int = 3) -> tuple[MultiHeadAttention, torch.nn.MultiheadAttention]:
    """A layer and torch's own module with the same weights, biases included, in double precision."""
    layer = MultiHeadAttention(d_model, n_heads).double()
    generator = torch.Generator().manual_seed(11)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64) / math.sqrt(d_model))
    theirs = torch.nn.MultiheadAttention(d_model, n_heads, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([layer.W_q.weight, layer.W_k.weight, layer.W_v.weight]))
        theirs.in_proj_bias.copy_(torch.cat([layer.W_q.bias, layer.W_k.bias, layer.W_v.bias]))
        theirs.out_proj.load_state_dict(layer.W_o.state_dict())
    return layer, theirs


def assert_same(ours: tuple[torch.Tensor, ...], theirs: tuple[torch.Tensor, ...]) -> None:
    for got, wanted in zip(ours, theirs, strict=True):
        torch.testing.assert_close(got, wanted, rtol=0, atol=1e-12)


def test_head_h_takes_its_own_columns() -> None:
    """Head h holds columns h·d_head to (h + 1)·d_head - 1 of every token, in order."""
    x = torch.arange(24).reshape(1, 3, 8)
    heads = split_heads(x, 4)
    assert heads.shape == (1, 4, 3, 2)
    for h in range(4):
        assert torch.equal(heads[:, h], x[..., 2 * h : 2 * h + 2])


@settings(max_examples=60, deadline=None)
@given(
    batch=st.lists(st.integers(1, 3), max_size=2),
    n=st.integers(0, 5),
    n_heads=st.integers(1, 5),
    d_head=st.integers(1, 4),
    transposed=st.booleans(),
)
def test_merging_undoes_splitting(batch: list[int], n: int, n_heads: int, d_head: int, transposed: bool) -> None:
    """merge_heads is the inverse of split_heads, for any batch dimensions and any layout in memory."""
    d_model = n_heads * d_head
    shape = (*batch, d_model, n) if transposed else (*batch, n, d_model)
    x = torch.arange(math.prod(shape)).reshape(shape)
    x = x.transpose(-1, -2) if transposed else x
    heads = split_heads(x, n_heads)
    assert heads.shape == (*batch, n_heads, n, d_head)
    assert torch.equal(merge_heads(heads), x)
    assert torch.equal(split_heads(merge_heads(heads.clone()), n_heads), heads)


@pytest.mark.parametrize(("d_model", "n_heads"), [(10, 3), (4, 8), (8, 0), (8, -2)])
def test_a_number_of_heads_that_does_not_divide_is_refused(d_model: int, n_heads: int) -> None:
    """Splitting and building a layer name both numbers."""
    expected = f"n_heads = {n_heads}, d_model = {d_model}"
    with pytest.raises(ValueError, match=expected):
        split_heads(torch.zeros(1, 2, d_model), n_heads)
    with pytest.raises(ValueError, match=expected):
        MultiHeadAttention(d_model, n_heads)


def test_too_few_dimensions_are_refused() -> None:
    """Splitting needs (..., n, d_model), merging (..., n_heads, n, d_head), and a layer a dimension from 1."""
    with pytest.raises(ValueError, match=r"au moins 2 dimensions.*\(8,\)"):
        split_heads(torch.zeros(8), 2)
    with pytest.raises(ValueError, match=r"au moins 3 dimensions.*\(2, 8\)"):
        merge_heads(torch.zeros(2, 8))
    with pytest.raises(ValueError, match="au moins 1 ; reçu : 0"):
        MultiHeadAttention(0, 1)


@pytest.mark.parametrize("n_heads", [1, 2, 3, 12])
@pytest.mark.parametrize(("n_q", "n_k"), [(5, 5), (3, 7), (1, 4), (4, 1)])
def test_it_is_torchs_module_when_weights_are_copied(n_heads: int, n_q: int, n_k: int) -> None:
    """Outputs and each head's weights are those of torch.nn.MultiheadAttention, self- and cross-attention."""
    layer, theirs = layer_and_torch(n_heads=n_heads)
    inputs = tensors(2, n_q=n_q, n_k=n_k)
    assert_same(layer(*inputs), theirs(*inputs, average_attn_weights=False))


def test_masks_are_torchs_with_the_opposite_polarity() -> None:
    """Causal and padding masks give torch's result where torch is given their complement."""
    layer, theirs = layer_and_torch()
    x = tensors(2)[0]
    causal = create_causal_mask(5).bool()
    real = torch.arange(5) < torch.tensor([[5], [3]])
    expected = theirs(x, x, x, attn_mask=~causal, key_padding_mask=~real, average_attn_weights=False)
    assert_same(layer(x, x, x, mask=causal & real[:, None, :]), expected)
    assert_same(layer(x, x, x, mask=(causal & real[:, None, None, :]).int()), expected)
    with pytest.raises(AssertionError, match="not close"):
        assert_same(layer(x, x, x, mask=~causal & real[:, None, :]), expected)


def test_a_mask_with_as_many_dimensions_as_the_inputs_is_one_per_example() -> None:
    """(batch, n_q, n_k) is never read as one mask per head, even where batch equals n_heads."""
    layer, _ = layer_and_torch(n_heads=3)
    inputs = tensors(3, n_q=4, n_k=6)
    visible = torch.rand(3, 4, 6, generator=torch.Generator().manual_seed(1)) < 0.6
    together = layer(*inputs, mask=visible)
    for b in range(3):
        alone = layer(*(x[b] for x in inputs), mask=visible[b])
        assert_same(tuple(part[b] for part in together), alone)
    assert not together[1][~visible[:, None].expand(3, 3, 4, 6)].any()


@pytest.mark.parametrize(
    ("batch", "shape"),
    [
        ((2,), (4, 6)),
        ((2,), (1, 6)),
        ((2,), (6,)),
        ((2,), ()),
        ((2,), (1, 4, 6)),
        ((2,), (2, 1, 6)),
        ((2,), (2, 1, 1, 6)),
        ((2,), (1, 3, 4, 6)),
        ((2,), (2, 3, 4, 6)),
        ((), (3, 4, 6)),
        ((), (1, 4, 6)),
        ((5, 2), (2, 4, 6)),
        ((5, 2), (5, 1, 4, 6)),
        ((5, 2), (5, 2, 3, 4, 6)),
    ],
)
def test_every_mask_that_broadcasts(batch: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """A mask is what its expansion to (..., n_heads, n_q, n_k) is, heads added where it has none."""
    layer, _ = layer_and_torch(n_heads=3)
    inputs = tensors(*batch, n_q=4, n_k=6)
    visible = torch.rand(shape, generator=torch.Generator().manual_seed(5)) < 0.7
    with_heads = visible
    if 3 <= len(shape) < len(batch) + 3:
        with_heads = visible.unsqueeze(-3)
    expected = layer(*inputs, mask=with_heads.expand(*batch, 3, 4, 6))
    assert_same(layer(*inputs, mask=visible), expected)


@pytest.mark.parametrize("shape", [(6, 4), (3, 4, 6), (2, 2, 4, 6), (3, 1, 4, 6), (1, 2, 3, 4, 6)])
def test_a_mask_that_does_not_broadcast_is_named(shape: tuple[int, ...]) -> None:
    """The error says which shapes are possible and which came; three heads are no batch of two."""
    layer, _ = layer_and_torch(n_heads=3)
    received = r"forme reçue : \(" + ", ".join(map(str, shape))
    with pytest.raises(ValueError, match=r"\(2, 4, 6\).*\(2, 3, 4, 6\) ; " + received):
        layer(*tensors(2, n_q=4, n_k=6), mask=torch.ones(shape))


def test_an_additive_mask_is_refused() -> None:
    """0 and -inf would mean the opposite here."""
    layer, _ = layer_and_torch()
    with pytest.raises(ValueError, match="mask == 0"):
        layer(*tensors(2), mask=torch.zeros(5, 5).masked_fill(create_causal_mask(5) == 0, -torch.inf))


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        (((2, 5, 11), (2, 5, 12), (2, 5, 12)), r"d_model = 12 ; .*query \(2, 5, 11\)"),
        (((2, 5, 12), (2, 5, 12), (2, 5, 3)), r"d_model = 12 ; .*value \(2, 5, 3\)"),
        (((12,), (5, 12), (5, 12)), r"\(..., n, d_model\).*query \(12,\)"),
        (((2, 5, 12), (2, 4, 12), (2, 5, 12)), r"même n_k ; .*key \(2, 4, 12\), value \(2, 5, 12\)"),
        (((2, 5, 12), (3, 5, 12), (3, 5, 12)), r"lot de query, key et value doivent s'accorder"),
    ],
)
def test_shapes_that_do_not_fit_are_named(shapes: tuple[tuple[int, ...], ...], expected: str) -> None:
    """The error says which shapes were expected and which came, as the caller gave them."""
    with pytest.raises(ValueError, match=expected):
        MultiHeadAttention(12, 3)(*(torch.zeros(shape) for shape in shapes))


def test_fully_masked_rows_give_the_output_bias_and_finite_gradients() -> None:
    """Left padding with a causal mask blocks whole rows: zero weights, the bias of W_o, no NaN forward or backward."""
    layer, _ = layer_and_torch()
    inputs = [x.requires_grad_() for x in tensors(2)]
    mask = create_causal_mask(5)
    mask[:, :2] = 0
    output, weights = layer(*inputs, mask=mask)
    output.square().sum().backward()
    assert not weights[:, :, :2].any()
    torch.testing.assert_close(output[:, :2], layer.W_o.bias.expand(2, 2, 12), rtol=0, atol=1e-12)
    assert all(torch.isfinite(x.grad).all() for x in [*inputs, *layer.parameters()])


def test_gradients_are_torchs() -> None:
    """Inputs and parameters receive the gradients that torch's module gives."""
    layer, theirs = layer_and_torch()
    causal = create_causal_mask(5).bool()
    ours, others = ([x.requires_grad_() for x in tensors(2)] for _ in range(2))
    layer(*ours, mask=causal)[0].sin().sum().backward()
    theirs(*others, attn_mask=~causal)[0].sin().sum().backward()
    assert_same(tuple(x.grad for x in ours), tuple(x.grad for x in others))
    stacked = torch.cat([layer.W_q.weight.grad, layer.W_k.weight.grad, layer.W_v.weight.grad])
    assert_same((stacked, layer.W_o.weight.grad), (theirs.in_proj_weight.grad, theirs.out_proj.weight.grad))


@pytest.mark.parametrize(("dtype", "atol"), [(torch.float32, 1e-5), (torch.float16, 2e-2), (torch.bfloat16, 1e-1)])
def test_other_floating_types(dtype: torch.dtype, atol: float) -> None:
    """The layer follows the type of its parameters, half precision included."""
    layer, _ = layer_and_torch()
    inputs = tensors(2)
    expected = layer(*inputs, mask=create_causal_mask(5))
    got = layer.to(dtype)(*(x.to(dtype) for x in inputs), mask=create_causal_mask(5))
    for mine, wanted in zip(got, expected, strict=True):
        assert mine.dtype == dtype
        torch.testing.assert_close(mine.double(), wanted, rtol=0, atol=atol)


def test_integers_and_numpy_masks_are_accepted() -> None:
    """Whole-number inputs take the parameters' type, and a mask may come from NumPy."""
    layer, _ = layer_and_torch()
    x = torch.arange(60).reshape(1, 5, 12) % 3
    assert_same(layer(x, x, x, mask=np.tri(5)), layer(x.double(), x.double(), x.double(), mask=create_causal_mask(5)))


def test_the_parameters_are_four_linear_maps() -> None:
    """Their number does not depend on the number of heads: 4 d² + 4 d."""
    for n_heads in (1, 2, 6):
        layer = MultiHeadAttention(12, n_heads)
        assert sum(p.numel() for p in layer.parameters()) == 4 * 12**2 + 4 * 12
        names = [f"W_{name}.{part}" for name in "qkvo" for part in ("weight", "bias")]
        assert list(layer.state_dict()) == names
    assert "d_model=12, n_heads=6" in repr(layer)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 7), position=st.integers(1, 7), n_heads=st.sampled_from([1, 2, 3, 6]))
def test_the_future_changes_no_earlier_output(n: int, position: int, n_heads: int) -> None:
    """With a causal mask, other tokens from a position on leave the outputs before it as they were."""
    layer, _ = layer_and_torch(n_heads=n_heads)
    x = tensors(1, n_q=n)[0]
    changed = x.clone()
    changed[:, position:] += 5.0
    mask = create_causal_mask(n)
    before, after = layer(x, x, x, mask=mask)[0], layer(changed, changed, changed, mask=mask)[0]
    torch.testing.assert_close(after[:, :position], before[:, :position], rtol=0, atol=1e-12)


def test_inputs_are_not_modified_and_layout_does_not_matter() -> None:
    """Queries, keys, values and mask are the same after the call; transposed and expanded ones give the same result."""
    layer, _ = layer_and_torch()
    inputs = [*(x.transpose(-1, -2).contiguous().transpose(-1, -2) for x in tensors(2)), create_causal_mask(5)]
    inputs[1] = inputs[1][:1].expand(2, 5, 12)
    inputs[3][2] = 0
    copies = [x.clone() for x in inputs]
    expected = layer(*(x.contiguous() for x in copies))
    for _ in range(2):
        assert_same(layer(*inputs), expected)
    assert all(torch.equal(x, copy) for x, copy in zip(inputs, copies, strict=True))
