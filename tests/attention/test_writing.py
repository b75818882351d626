"""Numbers that students read are written with a decimal comma, in printouts and in figures."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import seaborn as sns
import torch
from matplotlib.figure import Figure

from attention import figures
from attention.masking import visualize_mask_effect_on_attention
from attention.writing import written


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.25, 2, "0,25"),
        (np.float32(1234.5), 1, "1234,5"),
        (torch.tensor(2.0), 0, "2"),
        (-0.001, 2, "0,00"),
        (3, 2, "3"),
        (12_345_678, 2, "12\u00a0345\u00a0678"),
        (float("nan"), 2, "nan"),
        ([0.5, 10.0], 1, "[ 0,5 10,0]"),
        (torch.tensor([[0.5, -1.25], [torch.nan, -torch.inf]]), 2, "[[ 0,50 -1,25]\n [  nan  -inf]]"),
        (torch.tensor([1, 2]), 2, "[1 2]"),
        (np.array([True, False]), 2, "[ True False]"),
        (torch.tensor([0.5], dtype=torch.bfloat16, requires_grad=True), 2, "[0,50]"),
        ([], 2, "[]"),
    ],
)
def test_written(value: object, digits: int, text: str) -> None:
    """Numbers, lists, arrays and tensors: a comma for floats, whole numbers in threes, booleans as they are."""
    assert written(value, digits) == text


def test_nothing_is_left_out_of_a_large_array() -> None:
    """NumPy abbreviates more than a thousand numbers; what is written is all there."""
    assert written(np.full(2000, 0.5), 1).count("0,5") == 2000


def texts_of(figure: Figure) -> list[str]:
    figure.canvas.draw()
    labels = [label.get_text() for ax in figure.axes for label in (*ax.get_xticklabels(), *ax.get_yticklabels())]
    return labels + [text.get_text() for ax in figure.axes for text in ax.texts]


def test_figures_have_decimal_commas() -> None:
    """Ticks, cells and colour bars of a figure show no decimal point, and titles keep their words."""
    figure, axes = plt.subplots(1, 2)
    sns.heatmap([[0.25, 0.5]], annot=True, fmt=".2f", ax=axes[0])
    axes[1].plot([0, 0.1, 0.2], [1e-9, 2.5e-9, 3.3e-9])
    axes[1].set_title("Voir § 1.2")
    for _ in range(2):  # once more changes nothing more
        figures.with_decimal_commas(figure)
        texts = texts_of(figure)
        assert {"0,25", "0,50"} <= set(texts)
        assert not any("." in text for text in texts)
        assert axes[1].get_title() == "Voir § 1.2"
    plt.close(figure)


def test_ticks_that_the_author_wrote_are_kept() -> None:
    """Only ticks of Matplotlib's own writing are changed."""
    figure, ax = plt.subplots()
    ax.set(xticks=[0, 1], xticklabels=["v1.0 bêta", "fin"])
    figures.with_decimal_commas(figure)
    assert "v1.0 bêta" in texts_of(figure)
    plt.close(figure)


def test_figures_of_the_course_have_them_too() -> None:
    """A figure that a function of the course draws needs nothing more."""
    assert not any("." in text for text in texts_of(visualize_mask_effect_on_attention(3)))
