"""The states of the random generators that code draws from without naming one: Python's, NumPy's and that of tensors.

A test that seeds them means the student's code to draw from there. So the student's process gets the states, one way
only: what its code then draws moves nothing of the test's.
"""

import random
import sys
from collections.abc import Callable
from functools import wraps

from closed_doors.grading.protocol.tensor_values import SEEDING, draws_state, restore_draws

_seedings = 0


def seedings() -> int:
    """Return how often a generator of this process was seeded, since `count_seedings`."""
    return _seedings


def count_seedings() -> None:
    """Count from now on how often generators are seeded: to the same seed, too."""
    for name, function in (("random", "seed"), ("numpy.random", "seed"), SEEDING):
        if (module := sys.modules.get(name)) is not None:
            setattr(module, function, _counted(getattr(module, function)))


def _counted(seed: Callable[..., object]) -> Callable[..., object]:
    @wraps(seed)
    def counted(*args: object, **kwargs: object) -> object:
        global _seedings
        _seedings += 1
        return seed(*args, **kwargs)

    return counted


def states() -> dict[str, object]:
    """Return the states of this process's generators, of the libraries that are loaded."""
    found: dict[str, object] = {"random": random.getstate()}
    if (np := sys.modules.get("numpy")) is not None:
        found["numpy"] = np.random.get_state()
    found["tensors"] = draws_state()
    return found


def restore(found: dict[str, object]) -> None:
    """Put states in place, of the libraries that are loaded."""
    random.setstate(found["random"])  # type: ignore[arg-type]
    if (np := sys.modules.get("numpy")) is not None and "numpy" in found:
        np.random.set_state(found["numpy"])
    restore_draws(found.get("tensors"))
