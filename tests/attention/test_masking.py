"""The causal mask, built three ways and drawn three ways."""

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt

from attention.masking import (
    compare_attention_patterns,
    create_causal_mask,
    create_causal_mask_from_scratch,
    create_causal_mask_manual,
    visualize_causal_mask,
    visualize_mask_effect_on_attention,
)

BUILDERS = [create_causal_mask_from_scratch, create_causal_mask_manual, create_causal_mask]
DRAWERS = [visualize_causal_mask, compare_attention_patterns, visualize_mask_effect_on_attention]


@pytest.mark.parametrize("build", BUILDERS)
def test_each_builder_gives_the_literal_matrix(build: Callable) -> None:
    """Row i has ones up to column i: a token sees itself and the past."""
    np.testing.assert_array_equal(
        build(5),
        [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 1]],
    )


@pytest.mark.parametrize("build", BUILDERS)
@pytest.mark.parametrize("seq_len", [0, 1, 2, 17])
def test_each_builder_works_for_any_length(build: Callable, seq_len: int) -> None:
    """Lengths from 0 up give a square lower triangular matrix of ones."""
    mask = np.asarray(build(seq_len))
    assert mask.shape == (seq_len, seq_len)
    i, j = np.indices(mask.shape)
    np.testing.assert_array_equal(mask == 1, j <= i)
    np.testing.assert_array_equal(mask == 0, j > i)


@pytest.mark.parametrize("build", BUILDERS)
def test_numpy_integers_are_lengths_too(build: Callable) -> None:
    """A length read from an array's shape or computed by NumPy is accepted."""
    assert tuple(build(np.int64(3)).shape) == (3, 3)


@pytest.mark.parametrize("build", BUILDERS)
def test_a_negative_length_is_refused(build: Callable) -> None:
    """The message says what is expected and what came."""
    with pytest.raises(ValueError, match=r"positif ou nul ; reçu : -2"):
        build(-2)


@pytest.mark.parametrize("build", BUILDERS)
@pytest.mark.parametrize("wrong", [2.5, "3", None])
def test_a_length_that_is_no_integer_is_refused(build: Callable, wrong: object) -> None:
    """Fractions, text and None are named with their type."""
    with pytest.raises(TypeError, match=type(wrong).__name__):
        build(wrong)


def test_the_device_asked_for_is_the_device_got() -> None:
    """The meta device stands for any other than the CPU."""
    assert create_causal_mask(4, device="meta").device.type == "meta"
    assert create_causal_mask(4, device=torch.device("cpu")).device.type == "cpu"


def test_masks_are_independent() -> None:
    """Writing into one mask leaves the next one intact."""
    create_causal_mask_from_scratch(3)[:] = 7
    create_causal_mask(3).fill_(7)
    np.testing.assert_array_equal(create_causal_mask_from_scratch(3), create_causal_mask(3))


def test_importing_the_builders_loads_no_plotting_library() -> None:
    """Masks can be built where neither Matplotlib nor seaborn, nor even torch, has been loaded."""
    program = (
        "import sys; from attention.masking import create_causal_mask_from_scratch as build; build(3);"
        "print([name for name in ('matplotlib', 'seaborn', 'torch') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_module_works_as_src_attention_from_the_repository_root(tmp_path: Path) -> None:
    """Older notebooks write `from src.attention…` with the root on sys.path; so does this."""
    root = Path(__file__).resolve().parents[2]
    program = (
        f"import sys; sys.path.append({str(root)!r});"
        "from src.attention.masking import create_causal_mask;"
        "from src.attention.scaled_dot_product import ScaledDotProductAttention;"
        "print(int(create_causal_mask(4).sum()))"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "10"


@pytest.mark.parametrize("draw", DRAWERS)
@pytest.mark.parametrize("seq_len", [1, 5, 40])
def test_figures_draw_without_a_warning(draw: Callable, seq_len: int) -> None:
    """One token, a few or many: drawn, labelled in French, and laid out without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = draw(seq_len)
        figure.canvas.draw()
    axes = [ax for ax in figure.axes if ax.get_title()]
    assert all(ax.get_xlabel() == "Token regardé (clé j)" for ax in axes)
    assert all(ax.get_ylabel() == "Token qui regarde (requête i)" for ax in axes)


def test_the_mask_figure_is_saved_where_asked(tmp_path: Path) -> None:
    """save_path may be text or a path, in a folder that does not exist yet."""
    visualize_causal_mask(4, save_path=tmp_path / "figures" / "masque.png")
    visualize_causal_mask(4, str(tmp_path / "masque.svg"))
    assert (tmp_path / "figures" / "masque.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "masque.svg").read_text(encoding="utf-8")


def test_the_mask_figure_writes_the_mask() -> None:
    """The numbers in the cells are the mask's, row by row."""
    figure = visualize_causal_mask(3)
    assert [text.get_text() for text in figure.axes[0].texts] == list("100110111")


def test_the_four_steps_are_in_order() -> None:
    """Scores, mask, attention without, attention with; and the last one is zero above the diagonal."""
    figure = visualize_mask_effect_on_attention(4)
    titles = [ax.get_title() for ax in figure.axes if ax.get_title()]
    assert [title[:2] for title in titles] == ["1.", "2.", "3.", "4."]
    masked = figure.axes[3].collections[0].get_array().reshape(4, 4)
    assert not np.triu(masked, k=1).any()
    np.testing.assert_allclose(masked.sum(axis=1), 1)


@pytest.mark.parametrize("draw", DRAWERS)
def test_figures_leave_no_trace(draw: Callable) -> None:
    """Neither the random state, nor Matplotlib's settings, nor an open figure is left changed."""
    state, settings, opened = np.random.get_state()[1].copy(), dict(plt.rcParams), plt.get_fignums()
    draw()
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    assert dict(plt.rcParams) == settings
    assert plt.get_fignums() == opened


@pytest.mark.parametrize("draw", DRAWERS)
def test_a_figure_of_no_token_is_refused(draw: Callable) -> None:
    """There is nothing to draw for a length of 0."""
    with pytest.raises(ValueError, match="au moins 1"):
        draw(0)
