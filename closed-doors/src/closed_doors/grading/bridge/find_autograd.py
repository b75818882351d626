"""Finds the part of the bridge that knows torch. A sandbox can't load it, so whoever forks one does, where torch is."""

import importlib
import sys
from types import ModuleType

_NAME = "closed_doors.grading.bridge.autograd"


def load_autograd() -> None:
    """Load it where torch is loaded: the forks of this process then have it."""
    if "torch" in sys.modules:
        importlib.import_module(_NAME)


def find_autograd() -> ModuleType | None:
    """Return the module, or None where this process has no torch."""
    return sys.modules.get(_NAME)
