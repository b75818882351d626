"""Both ways to set up a sandbox, and where."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from closed_doors.grading.sandbox import jail


@pytest.fixture(params=["root", "user"] if os.geteuid() == 0 else ["user"])
def mode(request: pytest.FixtureRequest) -> str:
    """Who sets the sandbox up: root, or an ordinary user in a namespace of its own."""
    return str(request.param)


@pytest.fixture
def mountpoint() -> Iterator[Path]:
    path = jail.make_mountpoint()
    yield path
    path.rmdir()
