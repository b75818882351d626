"""A busy machine, for tests of what must not depend on one: loops that compute for as long as a block runs."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

LONGEST_S = 60


@contextlib.contextmanager
def busy(loops: int, processor: int | None = None) -> Iterator[None]:
    """Keep a processor, or all of them, busy with so many loops; they end by themselves in any case."""
    code = f"import time\nend = time.monotonic() + {LONGEST_S}\nwhile time.monotonic() < end: pass"
    running = [subprocess.Popen([sys.executable, "-S", "-c", code]) for _ in range(loops)]
    if processor is not None:
        for process in running:
            os.sched_setaffinity(process.pid, {processor})
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


@contextlib.contextmanager
def on_one_processor() -> Iterator[int]:
    """Bind this process to one processor, and say which."""
    before = os.sched_getaffinity(0)
    one = min(before)
    os.sched_setaffinity(0, {one})
    try:
        yield one
    finally:
        os.sched_setaffinity(0, before)
