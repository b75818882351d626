"""Starts the zygote in an image of its own: what runs between the supervisor's starting a Python and the warm one.

The process stays the same one; the program in it is started anew, from the image, with a neutral environment and
command line. Where there can be no image there is no sandbox either: the zygote is started all the same, to say so.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from closed_doors.grading.sandbox import image

ENVIRONMENT = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # the heap grows in huge pages, where the machine has them
    "HOME": "/tmp",  # noqa: S108  (the image's own)
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",  # whatever a notebook asks for: the threads would wait for each other on few processors
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONHASHSEED": "0",  # the order of a set is then the same in every run
}
_CODE = (
    "import os, sys\nos.environ['MPLCONFIGDIR'] = {config!r}\nsys.path.append({grader!r})\n"
    "from closed_doors.grading.processes.zygote import main\nsys.path.remove({grader!r})\n"
    "main({descriptor}, {rest}, {obstacle!r}, {warm!r})\n"
)


def main(descriptor: int, copying: int, config: str, kept: str, warm: Sequence[str]) -> NoReturn:
    """Become the zygote.

    Args:
        descriptor: its connection to the supervisor.
        copying: a pipe that ends when it is started.
        config: matplotlib's folder, in which the list of fonts is kept between runs.
        kept: a folder for what else is.
        warm: modules that it imports beforehand.
    """
    os.set_inheritable(copying, False)
    program, rest, obstacle = image.PYTHON, 0, ""
    try:
        rest = image.enter(Path(kept))
        config = f"{image.HOST}{config}"
    except (OSError, MemoryError) as error:
        image.leave()
        program, obstacle = sys.executable, f"{type(error).__name__}: {error}"
    values = {"config": config, "descriptor": descriptor, "rest": rest, "obstacle": obstacle, "warm": list(warm)}
    _feed(_CODE.format(grader=image.GRADER, **values))
    os.execve(program, [program, "-s", "-P", "-"], ENVIRONMENT)  # noqa: S606  (-I would ignore PYTHONHASHSEED)


def _feed(code: str) -> None:
    """Let the next program read `code` from its standard input; it is short enough for a pipe to hold."""
    read, write = os.pipe()
    os.write(write, code.encode())
    os.close(write)
    os.dup2(read, 0)
    os.close(read)
