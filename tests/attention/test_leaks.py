"""Who influences whom: the Jacobian's norms, the leaks they show, and their figure."""

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt

from attention.figures import INPUT_LABEL, OUTPUT_LABEL
from attention.leaks import find_leaks, jacobian_norms, perturbation_norms, visualize_leak
from attention.masking import create_causal_mask
from attention.scaled_dot_product import ScaledDotProductAttention


def tokens(*shape: int, dtype: torch.dtype = torch.float32, seed: int = 7) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def causal(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The course's own layer, which returns its weights as well."""
    return ScaledDotProductAttention(x.shape[-1])(x, x, x, create_causal_mask(x.shape[-2]))


def masked_after_softmax(x: torch.Tensor) -> torch.Tensor:
    return (torch.softmax(x @ x.transpose(-2, -1), dim=-1) * create_causal_mask(x.shape[-2]).to(x.dtype)) @ x


def future_detached(x: torch.Tensor) -> torch.Tensor:
    """Leaks the mean of the future, without a gradient."""
    future = 1 - create_causal_mask(x.shape[-2]).to(x.dtype)
    return causal(x)[0] + (future @ x).detach()


def mixing(matrix: torch.Tensor):
    """A layer whose output i is the sum of matrix[i, j] times input j: its Jacobian is known exactly."""
    return lambda x: matrix @ x


def test_the_norms_of_a_known_jacobian() -> None:
    """∂output_i/∂input_j = m_ij times the identity of size d, whose Frobenius norm is |m_ij| √d."""
    matrix = torch.tensor([[1.0, -2.0, 0.0], [0.5, 0.0, 3.0], [0.0, 0.0, -1.0]])
    torch.testing.assert_close(jacobian_norms(mixing(matrix), tokens(3, 4)), matrix.abs() * 2.0)


def test_rows_are_outputs_and_columns_inputs() -> None:
    """A layer that copies token 0 into output 2 has one entry: (2, 0)."""
    matrix = torch.zeros(3, 3)
    matrix[2, 0] = 1.0
    assert jacobian_norms(mixing(matrix), tokens(3, 1)).nonzero().tolist() == [[2, 0]]


@pytest.mark.parametrize("batch", [(), (1,), (2,), (2, 3)])
def test_norms_are_taken_over_the_whole_batch(batch: tuple[int, ...]) -> None:
    """Each of the b examples adds its square: the norm of a fixed mixing grows as √b."""
    matrix = torch.tensor([[1.0, 2.0], [0.0, 1.0]])
    norms = jacobian_norms(mixing(matrix), tokens(*batch, 2, 4))
    torch.testing.assert_close(norms, matrix * 2.0 * np.prod(batch, dtype=int) ** 0.5)


def test_an_output_of_another_width_or_without_the_batch() -> None:
    """Only the tokens' axis of the output must be that of the input."""
    widen = torch.ones(4, 9)
    torch.testing.assert_close(jacobian_norms(lambda x: x @ widen, tokens(3, 4)), 6.0 * torch.eye(3))
    torch.testing.assert_close(jacobian_norms(lambda x: x[0], tokens(1, 3, 4)), 2.0 * torch.eye(3))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_the_type_of_the_inputs_is_kept(dtype: torch.dtype) -> None:
    """Half, bfloat, single and double precision."""
    norms = jacobian_norms(causal, tokens(4, 3, dtype=dtype))
    assert norms.dtype == dtype
    assert find_leaks(norms) == []


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 6), d=st.integers(1, 4), seed=st.integers(0, 2**16))
def test_a_causal_layer_has_an_exactly_zero_upper_triangle(n: int, d: int, seed: int) -> None:
    """No tolerance is needed where the mask is right, and every earlier token counts."""
    norms = jacobian_norms(causal, tokens(n, d, seed=seed))
    assert not norms.triu(1).any()
    assert find_leaks(norms) == []
    assert norms.diagonal().all()


def test_a_mask_after_the_softmax_leaks_everywhere() -> None:
    """All forbidden weights are zero, and all pairs (i, j > i) leak through the denominator."""
    norms = jacobian_norms(masked_after_softmax, tokens(4, 3))
    assert find_leaks(norms) == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]


def test_a_leak_of_one_example_into_another_is_seen() -> None:
    """The norm runs over pairs of examples too."""
    assert find_leaks(jacobian_norms(lambda x: x.flip(0).roll(-1, dims=1), tokens(2, 3, 1))) == [(0, 1), (1, 2)]


def test_a_module_a_tuple_and_no_grad() -> None:
    """A torch module is a layer; the first element of a tuple is the output; torch.no_grad() changes nothing."""
    layer = torch.nn.Linear(4, 5)
    with torch.no_grad():
        norms = jacobian_norms(layer, tokens(3, 4))
    torch.testing.assert_close(norms, layer.weight.detach().norm() * torch.eye(3))
    assert layer.weight.grad is None
    assert layer.weight.requires_grad


def test_inputs_are_not_modified() -> None:
    """Not even by a layer that works in place, nor their requires_grad."""
    inputs = tokens(3, 4).requires_grad_()
    before = inputs.detach().clone()
    jacobian_norms(lambda x: x.mul(1).mul_(2.0), inputs)
    assert torch.equal(inputs.detach(), before)
    assert inputs.grad is None
    frozen = tokens(3, 4).t()
    jacobian_norms(causal, frozen)
    assert not frozen.requires_grad


def test_nan_is_a_leak() -> None:
    """A NaN gradient is not zero: it is told, and not taken for silence."""
    norms = jacobian_norms(lambda x: x.flip(0) * torch.tensor([[torch.nan], [1.0]]), tokens(2, 2))
    assert norms.isnan().tolist() == [[False, True], [False, True]]
    assert find_leaks(norms) == [(0, 1)]


def test_the_tolerance_is_a_bound_that_counts_as_zero() -> None:
    """A value at the tolerance is no leak, one above it is."""
    norms = torch.tensor([[1.0, 0.25, 0.5], [9.0, 1.0, 0.0], [9.0, 9.0, 1.0]])
    assert find_leaks(norms) == [(0, 1), (0, 2)]
    assert find_leaks(norms, tolerance=0.25) == [(0, 2)]
    assert find_leaks(norms, tolerance=0.5) == []


@pytest.mark.parametrize("norms", [torch.zeros(3), torch.zeros(2, 3), torch.zeros(2, 2, 2)])
def test_norms_that_are_not_square_are_named(norms: torch.Tensor) -> None:
    """The error says which shape came."""
    with pytest.raises(ValueError, match=r"\(n, n\) ; forme reçue : \(" + ", ".join(map(str, norms.shape))):
        find_leaks(norms)


@pytest.mark.parametrize("tolerance", [-1.0, float("nan")])
def test_a_negative_tolerance_is_refused(tolerance: float) -> None:
    """A tolerance is a distance."""
    with pytest.raises(ValueError, match="positive ou nulle ; reçu"):
        find_leaks(torch.zeros(2, 2), tolerance)


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (torch.zeros(4), r"\(\.\.\., n, d\), non vides ; forme reçue : \(4,\)"),
        (torch.zeros(0, 4), r"forme reçue : \(0, 4\)"),
        (torch.zeros(3, 4, dtype=torch.int64), r"flottants ; reçu : torch.int64"),
        (np.zeros((3, 4)), r"flottants ; reçu : ndarray"),
    ],
)
def test_inputs_that_do_not_fit_are_named(inputs: object, expected: str) -> None:
    """Vectors, nothing, whole numbers and arrays are refused, each by its name."""
    with pytest.raises(ValueError, match=expected):
        jacobian_norms(causal, inputs)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (lambda x: x[:2], r"n = 3 ; forme reçue : \(2, 4\)"),
        (lambda x: x.sum(), r"n = 3 ; forme reçue : \(\)"),
        (lambda _: None, r"reçu : NoneType"),
        (lambda _: (), r"reçu : tuple"),
        (lambda x: x.detach() * 2, r"pas reliée à l'entrée par autograd"),
        (lambda x: torch.from_numpy(x.detach().numpy()), r"pas reliée à l'entrée par autograd"),
    ],
)
def test_a_layer_that_cannot_be_measured_is_refused(layer, expected: str) -> None:
    """Another number of tokens, no tensor, or an output cut from its input: silence would look like no leak."""
    with pytest.raises(ValueError, match=expected):
        jacobian_norms(layer, tokens(3, 4))


@pytest.mark.parametrize("layer", [causal, masked_after_softmax])
@pytest.mark.parametrize("n", [1, 5, 20])
def test_figures_draw_without_a_warning_and_leave_no_trace(layer, n: int) -> None:
    """One token, a few or many: drawn, labelled in French; no setting, figure or random state is left changed."""
    state, rc, opened = torch.get_rng_state(), dict(plt.rcParams), plt.get_fignums()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = visualize_leak(layer, tokens(n, 2))
        figure.canvas.draw()
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == (INPUT_LABEL, OUTPUT_LABEL)
    assert torch.equal(torch.get_rng_state(), state)
    assert dict(plt.rcParams) == rc
    assert plt.get_fignums() == opened


def test_the_figure_frames_the_leaks_and_counts_them() -> None:
    """One frame a leak, over its cell; the title says how many."""
    matrix = torch.eye(4)
    matrix[0, 1] = matrix[1, 3] = matrix[3, 0] = 0.5
    ax = visualize_leak(mixing(matrix), tokens(4, 2), title="Essai").axes[0]
    framed = {(int(patch.get_y()), int(patch.get_x())) for patch in ax.patches}
    assert framed == {(0, 1), (1, 3)}
    assert ax.get_title() == "Essai\n2 fuites de l'avenir (encadrées)"


def test_one_leak_is_singular_and_none_is_said() -> None:
    """The verdict agrees in number."""
    matrix = torch.eye(3)
    assert visualize_leak(mixing(matrix), tokens(3, 1)).axes[0].get_title().endswith("ni dérivée, ni changement")
    matrix[0, 2] = 1.0
    assert visualize_leak(mixing(matrix), tokens(3, 1)).axes[0].get_title().endswith("1 fuite de l'avenir (encadrée)")


def test_only_what_is_not_zero_carries_a_number() -> None:
    """Exact zeros are left grey; a small influence is written, even where it rounds to 0,00."""
    matrix = torch.tensor([[1.0, 0.0], [1e-6, 1.0]])
    ax = visualize_leak(mixing(matrix), tokens(2, 1)).axes[0]
    assert [text.get_text() for text in ax.texts] == ["1,00", "0,00", "1,00"]


def test_layers_of_zeros_and_of_nan_are_drawn() -> None:
    """Nothing to scale by, or nothing that is a number, is no reason to fail."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        visualize_leak(mixing(torch.zeros(3, 3)), tokens(3, 2)).canvas.draw()
        figure = visualize_leak(mixing(torch.full((3, 3), torch.nan)), tokens(3, 2))
        figure.canvas.draw()
    assert len(figure.axes[0].patches) == 3


def test_the_figure_is_saved_where_asked(tmp_path: Path) -> None:
    """save_path may lie in a folder that does not exist yet."""
    visualize_leak(causal, tokens(3, 2), save_path=tmp_path / "figures" / "fuite.png")
    assert (tmp_path / "figures" / "fuite.png").read_bytes().startswith(b"\x89PNG")


def test_measuring_loads_no_plotting_library() -> None:
    """Neither Matplotlib nor seaborn is loaded before something is drawn."""
    program = (
        "import sys, torch; from attention.leaks import find_leaks, jacobian_norms as norms;"
        "find_leaks(norms(lambda x: x, torch.ones(2, 2)));"
        "print([name for name in ('matplotlib', 'seaborn') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_leak_without_a_gradient_is_seen_by_perturbation_only() -> None:
    """The Jacobian says nothing of what is detached; changing the future says it all."""
    x = tokens(5, 4)
    assert find_leaks(jacobian_norms(future_detached, x)) == []
    assert find_leaks(perturbation_norms(future_detached, x)) == [(i, j) for i in range(5) for j in range(i + 1, 5)]
    assert find_leaks(perturbation_norms(lambda x: torch.from_numpy(x.flip(0).numpy()), x)) == [(0, 4), (1, 3)]


def test_perturbation_of_a_known_mixing() -> None:
    """Output i moves by m_ij times what input j was changed by, the same for every input."""
    matrix = torch.tensor([[1.0, -2.0, 0.0], [0.5, 0.0, 3.0], [0.0, 0.0, -1.0]])
    norms = perturbation_norms(mixing(matrix), tokens(3, 4))
    torch.testing.assert_close(norms / norms[0, 0], matrix.abs(), rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(perturbation_norms(mixing(matrix), tokens(3, 4), 2.0), 2 * norms, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(6, 4), (2, 7, 3), (2, 3, 5, 8), (1, 1)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_an_honest_causal_layer_does_not_move_by_a_digit(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    """Exact zeros above the diagonal, without any tolerance, and no input is changed."""
    x = tokens(*shape, dtype=dtype)
    before = x.clone()
    assert find_leaks(perturbation_norms(causal, x)) == []
    assert perturbation_norms(causal, x).dtype == dtype
    assert torch.equal(x, before)


def test_masking_after_the_softmax_moves_the_past() -> None:
    """Both measures accuse the same cells."""
    x = tokens(5, 4)
    assert find_leaks(perturbation_norms(masked_after_softmax, x)) == find_leaks(
        jacobian_norms(masked_after_softmax, x)
    )


@pytest.mark.parametrize("size", [0.0, -1.0, float("nan")])
def test_a_perturbation_is_positive(size: float) -> None:
    """No change would find no leak."""
    with pytest.raises(ValueError, match="strictement positive"):
        perturbation_norms(causal, tokens(3, 2), size)


def test_perturbation_refuses_what_the_jacobian_refuses() -> None:
    """Integers, vectors and other lengths are named."""
    for inputs in (torch.ones(3, 2, dtype=torch.int64), torch.ones(3), torch.ones(0, 2)):
        with pytest.raises(ValueError, match="entrées"):
            perturbation_norms(causal, inputs)
    with pytest.raises(ValueError, match="n = 3"):
        perturbation_norms(lambda x: x[:2], tokens(3, 2))


def test_a_leak_without_a_gradient_is_framed() -> None:
    """The map frames the cells of both measures, and its title counts them."""
    ax = visualize_leak(future_detached, tokens(3, 2)).axes[0]
    assert {(int(patch.get_y()), int(patch.get_x())) for patch in ax.patches} == {(0, 1), (0, 2), (1, 2)}
    assert ax.get_title().endswith("3 fuites de l'avenir (encadrées)")
