"""What only generation has: what its experiments show of order, and of a model that nobody trained."""

import math
import re
from typing import Any

import pytest
import torch
from tests.course.notebooks import cells_of, grade_id

from closed_doors.core.layout import Layout

ASSIGNMENT = "generation"
NEEDED = {
    "positions-experience": ["preparation"],
    "gpt-avant": [
        "preparation",
        *(f"exercice-{number}-reponse" for number in (1, 3, 4)),
        *("gpt-modele", "generer-logits", "exercice-5-reponse", "corpus-texte"),
    ],
}


def said_by(layout: Layout, name: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what a cell prints after those that it needs: the training of a whole notebook takes too long here."""
    sources = {grade_id(cell): cell.source for cell in cells_of(layout, "source", ASSIGNMENT)}
    namespace: dict[str, Any] = {"__name__": "__main__"}
    threads = torch.get_num_threads()
    try:
        for each in [*NEEDED[name], name]:
            capsys.readouterr()
            exec(compile(sources[each], each, "exec"), namespace)
    finally:
        torch.set_num_threads(threads)
    return capsys.readouterr().out


def test_two_causal_layers_tell_orders_apart(repository: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    """Of one and two layers, with the mask and without, only two causal ones see that the past was shuffled."""
    said = said_by(repository, "positions-experience", capsys)
    changes = [float(number) for number in re.findall(r"\d+e-\d+", said)]
    assert len(changes) == 4
    assert changes[2] > 1e-2
    assert max(changes[:2] + changes[3:]) < 1e-6


def test_the_untrained_loss_is_what_the_lesson_says(repository: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    """It is ln V with small weights in the last layer, and above it with PyTorch's own."""
    said = said_by(repository, "gpt-avant", capsys).replace(",", ".")
    usual, small = (float(number) for number in re.findall(r"(?i)perte\W+(\d\.\d+) nats", said))
    assert small == pytest.approx(math.log(39), abs=0.03)
    assert usual > small + 0.1
