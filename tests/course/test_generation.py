"""What only generation has: what its experiments show of order, and of a model that nobody trained."""

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.course.notebooks import printed

ASSIGNMENT = "generation"


@pytest.mark.slow
def test_two_causal_layers_tell_orders_apart(executed: Callable[[str, str], Any]) -> None:
    """Of one and two layers, with the mask and without, only two causal ones see that the past was shuffled."""
    said = printed(executed("source", ASSIGNMENT))["positions-experience"]
    changes = [float(number) for number in re.findall(r"\d+e-\d+", said)]
    assert len(changes) == 4
    assert changes[2] > 1e-2
    assert max(changes[:2] + changes[3:]) < 1e-6


@pytest.mark.slow
def test_the_untrained_loss_is_what_the_lesson_says(executed: Callable[[str, str], Any]) -> None:
    """It is ln V with small weights in the last layer, and above it with PyTorch's own."""
    said = printed(executed("source", ASSIGNMENT))["gpt-avant"].replace(",", ".")
    usual, small = (float(number) for number in re.findall(r"(?i)perte\W+(\d\.\d+) nats", said))
    assert small == pytest.approx(math.log(39), abs=0.03)
    assert usual > small + 0.1
