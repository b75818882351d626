"""What tests ask of running processes, and how they wait for what another process is about to do."""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path


def eventually(holds: Callable[[], object], seconds: float = 5.0) -> bool:
    """Say whether this holds within so many seconds; asked for again and again, and no longer than needed."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *(member for child in children for member in family(int(child)))]


def held_by(pid: int) -> list[str]:
    """Return what the open descriptors of a process stand for: a path, or "socket:[number]"."""
    held = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since it was listed
            held.append(os.readlink(descriptor))
    return held


def is_there(pid: int) -> bool:
    """Say whether a process runs, or has ended and nobody has waited for it."""
    return Path(f"/proc/{pid}").exists()


def runs(pid: int) -> bool:
    """Say whether a process has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
