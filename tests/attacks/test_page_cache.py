"""Two submissions that are graded one after the other read the same files, and can't tell each other anything by it."""

import json
import os
import random
from pathlib import Path

import pytest
import seaborn

from closed_doors.grading.processes.zygote_handle import Zygote
from support.small_notebooks import Small

COUNT = 64
COMMON = f"""
import json, os, sys, time
site = [path for path in sys.path if path.endswith("-packages")][0]
found = [f"{{folder}}/{{name}}" for folder, _, names in os.walk(f"{{site}}/pandas/core") for name in names]
paths = sorted(path for path in found if path.endswith(".py"))[:{COUNT}]
def read(path):
    started = time.perf_counter_ns()
    with open(path, "rb", 0) as file: file.read()
    return time.perf_counter_ns() - started
def look(number):
    started = time.perf_counter_ns()
    os.path.exists(f"{{site}}/absent-{{number}}-{{WORD}}")
    return time.perf_counter_ns() - started
"""


def drop_from_memory() -> None:
    """Let the machine forget its own copies of the files, as it may at any time."""
    for path in (Path(seaborn.__file__).parents[1] / "pandas" / "core").rglob("*.py"):
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def graded(zygote: Zygote, source: str) -> str:
    outputs = Small().answer(source, "x = 1").grade(zygote).outputs.values()
    return "".join(str(output.get("text", "")) for each in outputs for output in each)


@pytest.mark.parametrize("what", ["read(paths[number])", "look(number)"], ids=["files", "names"])
def test_nothing_is_told_by_what_was_read_before(zygote: Zygote, what: str) -> None:
    """Sixty-four random bits, one by each file or absent name: how long the next one takes tells none of them.

    By chance alone fifty-four or more are right once in sixty million tries.
    """
    bits = [random.getrandbits(1) for _ in range(COUNT)]
    common = f"WORD = {random.getrandbits(60)}\n{COMMON}"
    drop_from_memory()
    graded(zygote, f"{common}\nfor number, bit in enumerate({bits}):\n    if bit: {what}")
    times = json.loads(graded(zygote, f"{common}\nprint(json.dumps([{what} for number in range({COUNT})]))"))
    told = sorted(range(COUNT), key=times.__getitem__)[: sum(bits)]
    right = sum((number in told) == bool(bit) for number, bit in enumerate(bits))
    assert COUNT - 54 < right < 54
