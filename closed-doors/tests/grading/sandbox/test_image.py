"""What a sandbox lives in: files in memory that nothing of a machine's state can be read from, under neutral names."""

import base64
import ctypes
import json
import os
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from closed_doors.core.errors import SandboxError
from closed_doors.grading.processes import zygote_handle
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.sandbox import image
from closed_doors.grading.sandbox.image_exclusions import Contents
from closed_doors.grading.sandbox.kept_image_list import fingerprint
from closed_doors.grading.sandbox.self_test import require
from support.sandboxes import ORDINARY_USER
from support.small_notebooks import Small

LOOK = """
import json, os, re, sys
def read(name):
    with open(f"/proc/self/{name}", errors="replace") as file: return file.read()
mounts = [line.split(" - ")[1].split()[0] + " " + line.split()[4] for line in read("mountinfo").splitlines()]
devices = {line.split()[3] for line in read("maps").splitlines() if "/" in line}
links = [os.readlink(f"/proc/self/{name}") for name in ("exe", "cwd", "root")]
for name in os.listdir("/proc/self/fd"):
    try: links.append(os.readlink(f"/proc/self/fd/{name}"))
    except OSError: pass
names = [read(name) for name in ("cmdline", "maps", "mountinfo", "mounts", "cgroup", "stat", "status")] + links
names += [*sys.path, *sys.argv, sys.executable, sys.prefix, sys.base_prefix, os.__file__, json.__file__]
names += [str(value) for value in __import__("sysconfig").get_config_vars().values()]
names += [f"{key}={value}" for key, value in os.environ.items()]
found = json.dumps([mounts, sorted(devices), names, os.listdir("/proc"), os.getuid()])
print(__import__("base64").b64encode(__import__("zlib").compress(found.encode())).decode())  # outputs are cut
"""


def account(zygote: Zygote) -> Any:
    """Return what LOOK sees."""
    return json.loads(zlib.decompress(base64.b64decode(said(zygote, LOOK))))


def said(zygote: Zygote, source: str) -> str:
    """Return what an answer prints when it's graded."""
    outputs = Small().answer(source, "x = 1").grade(zygote).outputs.values()
    return "".join(str(output.get("text", output.get("evalue", ""))) for each in outputs for output in each)


@pytest.fixture(scope="module")
def seen(zygote: Zygote) -> Any:
    return account(zygote)


def test_no_file_of_a_sandbox_lies_on_a_disk(seen: Any) -> None:
    """Neither what it can open nor what is mapped into it has pages that can be there or not."""
    kinds = {mount.split()[0] for mount in seen[0] if not mount.split()[1].startswith("/dev/")}
    assert kinds <= {"tmpfs", "ramfs", "proc"}
    assert all(device.startswith("00:") for device in seen[1])


def test_nothing_names_the_grader_or_the_machine(seen: Any) -> None:
    """Command line, maps, mounts, links, paths and the interpreter's notes are those of a Python in /usr/local."""
    here = {sys.prefix, sys.base_prefix, str(Path(image.__file__).parents[3]), image.HOST, image.HELD, "doors"}
    here -= {"/usr", "/usr/local"}
    assert not [(name, place) for name in seen[2] for place in here if place in name]


def test_proc_shows_processes_only(seen: Any) -> None:
    """Load, memory, counters and settings of the machine are not there."""
    assert set(seen[3]) - {"self", "thread-self"} == {"1"}


def test_a_user_id_says_nothing_of_others(zygote: Zygote, seen: Any) -> None:
    """It is drawn: one that counted sandboxes would say how many the last submission had needed."""
    again = [account(zygote)[4] for _ in range(2)]
    assert len({seen[4], *again}) == (3 if zygote.protection.user == "root" else 1)
    assert zygote.protection.user != "root" or max(again) - min(again) > 1


def test_the_machine_has_no_mount_more(zygote: Zygote) -> None:
    """The image is in a namespace of the warm process's own, and so ends with it, however it ends; it is sealed."""
    assert zygote.protection.user
    ours = Path("/proc/self/mountinfo").read_text()
    theirs = Path(f"/proc/{zygote.pid}/mountinfo").read_text().splitlines()
    assert image.HELD not in ours
    (root,) = (line.split() for line in theirs if line.split()[4] == "/")
    assert root[-1].split(",")[0] == "ro"


def test_warm_processes_share_an_image(zygote: Zygote) -> None:
    """A later one of the same user's moves to one that is complete, with folders of its own to write to."""
    assert zygote.protection.user
    mark = f"/run/image-{fingerprint()}"
    there = {(each / "root").stat().st_dev for each in Path("/proc").glob("[0-9]*") if image._is_complete(each, mark)}
    with Zygote() as later:
        assert later.protection.user
        assert os.stat(f"/proc/{later.pid}/root").st_dev in there
        held = [os.stat(f"/proc/{pid}/root{image.HELD}").st_dev for pid in (zygote.pid, later.pid)]
        assert held[0] != held[1]
        assert said(later, "import seaborn; print('ici')") == "ici\n"


def test_libraries_that_nobody_has_loaded_yet_can_be_imported(zygote: Zygote) -> None:
    """Submodules, backends, programs and the Python that a cell starts."""
    source = """
import matplotlib.backends.backend_svg, matplotlib.backends.backend_pdf, seaborn, pandas.plotting, unittest.mock
import numpy.polynomial, sqlite3, ssl, subprocess, sys, inspect, concurrent.futures, multiprocessing
assert "def " in inspect.getsource(seaborn.lineplot)
code = "import numpy; print(numpy.arange(3).sum())"
done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
print(done.stdout + done.stderr, subprocess.getoutput("echo a b | tr a-z A-Z | wc -w"))
"""
    assert said(zygote, source) == "3\n 2\n"


def test_an_image_is_made_and_sealed_by_whoever_grades(mode: str) -> None:
    """As root and as an ordinary user: its files are there, the machine's lie apart, and nothing can be written."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            become(mode)
            image._move_in("/opt/x")
            end, _until_complete = os.pipe()
            rest = image._rest(Contents((), (("/etc/passwd", "/etc/accounts"), ("/etc/alternatives", "/etc/x"))), end)
            os.close(_until_complete)
            image.complete(rest)
            there = [Path("/etc/accounts").stat().st_size > 0, Path(image.HOST, "etc/passwd").exists()]
            there += [Path(__file__).exists(), outcome(lambda: Path("/etc/new").touch())]
            os.write(write, json.dumps([*there, outcome(lambda: Path("/tmp/new").touch())]).encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    with os.fdopen(read) as said:
        assert json.load(said) == [True, True, False, "OSError", "done"]


def become(mode: str) -> None:
    if mode == "user" and os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER)
        os.setresuid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER)


def outcome(function: Callable[[], object]) -> str:
    try:
        function()
    except OSError as error:
        return type(error).__name__
    return "done"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("image._joined = lambda _: False; image.LEAST_FREE_MIB = 1 << 40", "held in memory"),
        ("image._joined = lambda _: False; image.copy = lambda _: open('/no/such/file')", "/no/such/file"),
    ],
    ids=["no memory", "unreadable"],
)
def test_without_an_image_grading_refuses(monkeypatch: pytest.MonkeyPatch, fault: str, said: str) -> None:
    """A machine that has no memory for it, or a file that can't be copied: it's said, and nothing is graded."""
    launch = f"from closed_doors.grading.sandbox import image\n{fault}\n{zygote_handle.LAUNCH}"
    monkeypatch.setattr(zygote_handle, "LAUNCH", launch)
    with Zygote() as zygote, pytest.raises(SandboxError, match=said):
        require(zygote.protection)


def test_of_a_shared_library_what_is_mapped_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands behind its last segment is left out, and it loads; a file that is none is copied whole."""
    monkeypatch.setattr(image, "HOST", "")
    library = Path(msgspec._core.__file__).read_bytes()
    for name, content in (("library.so", library + bytes(100_000)), ("text.so", b"text " * 20_000)):
        (tmp_path / name).write_bytes(content)
        image.copy([(str(tmp_path / name), str(tmp_path / "copied" / name))])
    assert (tmp_path / "copied" / "library.so").stat().st_size <= len(library)
    assert ctypes.CDLL(str(tmp_path / "copied" / "library.so")).PyInit__core
    assert (tmp_path / "copied" / "text.so").read_bytes() == (tmp_path / "text.so").read_bytes()
