"""A real sandbox, from inside: what it hides, what it forbids, and how it ends."""

import ctypes
import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from closed_doors.core.errors import SandboxError
from closed_doors.grading.sandbox import cgroup
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.grading.sandbox.rootfs import HOME, Room
from closed_doors.grading.sandbox.self_test import Protection, require
from closed_doors.grading.sandbox.syscall_filter import protect_elders
from support.processes import eventually, family, is_there
from support.sandboxes import Sandbox, groups

libc = ctypes.CDLL(None, use_errno=True)


@pytest.fixture
def inside(mode: str, mountpoint: Path) -> Callable[..., Any]:
    """Run a function in a sandbox and return its result."""

    def run(function: Callable[[], Any], limits: Limits | None = None) -> Any:
        return Sandbox(function, mode, mountpoint, limits or Limits(), Room(())).result()

    return run


def outcome(function: Callable[[], Any]) -> str:
    """Say what an attempt gave: "done", or the name of its error."""
    try:
        function()
    except BaseException as error:
        return type(error).__name__
    return "done"


def call(number_or_name: str, *arguments: int) -> int:
    """Make a libc call and return its errno, 0 where it worked."""
    ctypes.set_errno(0)
    return ctypes.get_errno() if getattr(libc, number_or_name)(*arguments) < 0 else 0


def test_only_the_room_can_be_seen(inside: Callable[..., Any], tmp_path: Path) -> None:
    """No file of the host is there but the interpreter's: no accounts, no course, no temporary files."""
    with tempfile.NamedTemporaryFile() as host_file:
        secrets = [
            "/etc/shadow",
            "/etc/hostname",
            "/root/.bashrc",
            "/var/log",
            host_file.name,
            "/proc/1/root/etc/shadow",
        ]
        (tmp_path / "nbgrader_config.py").touch()
        secrets += [str(tmp_path), str(tmp_path / "nbgrader_config.py"), str(Path(__file__))]
        found = inside(lambda: [Path(path).exists() for path in secrets])
    assert not any(found)


def test_only_home_and_temporary_folders_can_be_written(inside: Callable[..., Any]) -> None:
    """Libraries and the root are read-only; the home, /tmp and /dev/shm are private."""
    name = f"course-test-{os.getpid()}"
    closed = [f"{folder}/{name}" for folder in ("", "/usr", sys.prefix, "/etc", "/proc")]
    private = [f"{folder}/{name}" for folder in (HOME, "/tmp", "/dev/shm")]
    places = closed + private
    assert (
        inside(lambda: [outcome(lambda p=p: open(p, "w").close()) == "done" for p in places])
        == [False] * 5 + [True] * 3
    )
    assert not any(Path(path).exists() for path in private)


def test_of_a_hidden_folder_only_what_is_handed_out_is_seen(mode: str, mountpoint: Path) -> None:
    """A package that lies among the libraries is not there; its handed-out modules are in the home, read-only."""
    with tempfile.TemporaryDirectory() as name:
        site, tree = Path(name, "site"), Path(name, "tree")
        files = (
            site / "outils/__init__.py",
            site / "outils/secret.py",
            tree / "outils/__init__.py",
            tree / "m/d/x.csv",
        )
        for path in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(path.name)
        for path in (Path(name), *Path(name).rglob("*")):
            path.chmod(0o755)

        def look() -> list[Any]:
            found = sorted(str(path.relative_to(HOME)) for path in Path(HOME).rglob("*"))
            writes = ["outils/new.py", "outils/__init__.py", "d/x.csv", "d/new.csv", "new.csv"]
            done = [outcome(lambda p=path: open(f"{HOME}/{p}", "w").close()) for path in writes]
            return [found, list(map(str, site.rglob("*"))), [each == "done" for each in done]]

        room = Room((site,), hidden=(site / "outils",), packages=(tree / "outils",), materials=tree / "m")
        found, seen, written = Sandbox(look, mode, mountpoint, Limits(), room).result()
    assert found == ["d", "d/x.csv", "outils", "outils/__init__.py"]
    assert seen == [str(site / "outils")]
    assert written == [False, False, False, True, True]


def test_there_is_no_network(inside: Callable[..., Any]) -> None:
    """Sockets of every family but the local one are refused, and the host's local ones are out of reach."""
    families = [socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, 40, (1 << 32) | socket.AF_INET]
    raw = [(int(family), socket.SOCK_STREAM, 0) for family in families]
    assert all(inside(lambda: [call("syscall", 41, *arguments) != 0 for arguments in raw]))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0course-attack-test")
        listener.listen()

        def connect() -> str:
            return outcome(lambda: socket.socket(socket.AF_UNIX).connect("\0course-attack-test"))

        assert inside(connect) == "ConnectionRefusedError"


def test_no_other_process_can_be_seen(inside: Callable[..., Any]) -> None:
    """The sandbox's /proc lists its own processes only, the first of them itself, in a session of its own."""
    assert inside(lambda: [name for name in os.listdir("/proc") if name.isdigit()]) == ["1"]
    assert inside(lambda: [os.getppid(), os.getsid(0), os.getpgid(0)]) == [0, 1, 1]


def test_dangerous_calls_are_refused(inside: Callable[..., Any]) -> None:
    """Tracing, namespaces, mounts, keys, anonymous memory files and the like return an error."""
    attempts = [
        ("ptrace", 0, 0, 0, 0),
        ("unshare", 0x10000000),
        ("mount", 0, 0, 0, 0, 0),
        ("syscall", 425, 1, 0),
        ("syscall", 319, 0, 0),
        ("syscall", 321, 0, 0, 0),
        ("syscall", 323, 0),
        ("syscall", 250, 0, 0),
        ("shmget", 0, 4096, 0o1600),
        ("syscall", 435, 0, 0),
        ("syscall", 72, 0, (1 << 32) | 8, 1),
        ("personality", 0x0040000),
    ]
    assert all(inside(lambda: [call(*attempt) for attempt in attempts]))


def test_sandboxes_cannot_signal_by_the_files_they_share(inside: Callable[..., Any]) -> None:
    """Locks do nothing; watching a shared file, and asking what of it is in memory, is refused."""

    def attempt() -> list[Any]:
        file, mine, other = (os.open("/usr/bin/env", os.O_RDONLY) for _ in range(3))
        for each in (mine, other):
            fcntl.flock(each, fcntl.LOCK_EX | fcntl.LOCK_NB)  # both get what only one could hold
        fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        calls = {"inotify_init1": 294, "fadvise64": 221, "mincore": 27, "cachestat": 451, "readahead": 187}
        results = []
        for number in calls.values():
            ctypes.set_errno(0)
            libc.syscall(number, file, 0, 0, 0)
            results.append(ctypes.get_errno())
        return results

    assert inside(attempt) == [errno.EPERM] * 5


def test_counters_of_the_machine_cannot_be_read(inside: Callable[..., Any]) -> None:
    """Load and memory, and numbers that are given to one process after the other, whoever it is."""

    def attempt() -> list[Any]:
        room = ctypes.create_string_buffer(512)
        with socket.socket(socket.AF_UNIX) as end:
            cookies = [outcome(lambda o=option: end.getsockopt(socket.SOL_SOCKET, o, 8)) for option in (57, 71)]
        unique_mount = call("syscall", 332, -100, ctypes.c_char_p(b"/tmp"), 0, 0x4000, ctypes.byref(room))
        return [
            *cookies,
            call("sysinfo", ctypes.byref(room)),
            outcome(lambda: os.pidfd_open(os.getpid())),
            unique_mount,
        ]

    assert inside(attempt) == ["PermissionError"] * 2 + [errno.EPERM, "PermissionError", errno.EPERM]


def test_nothing_is_left_of_privileges(inside: Callable[..., Any]) -> None:
    """No capability, no way to gain one, a user id that is not root's."""

    def status() -> list[Any]:
        lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        return [os.getuid(), *(lines[key].strip() for key in ("CapEff", "CapPrm", "CapBnd", "NoNewPrivs", "Seccomp"))]

    uid, *rest = inside(status)
    assert uid != 0
    assert [int(text, 16) for text in rest] == [0, 0, 0, 1, 2]


def test_the_environment_says_nothing(inside: Callable[..., Any]) -> None:
    """Variables, host name and open descriptors are those of any account."""
    names, host, descriptors, group = inside(
        lambda: [
            sorted(os.environ),
            socket.gethostname(),
            os.listdir("/proc/self/fd"),
            Path("/proc/self/cgroup").read_text(),
        ]
    )
    assert "doors" not in group
    assert names == ["HOME", "LANG", "MPLCONFIGDIR", "OMP_NUM_THREADS", "PATH", "TMPDIR", "USER"]
    assert host == "localhost"
    assert len(descriptors) == 5  # three standard ones, the kept one, the listing's own


def test_memory_is_bounded(inside: Callable[..., Any]) -> None:
    """A process that asks for twice its memory gets an error."""
    assert inside(lambda: outcome(lambda: bytearray(2 << 30))) == "MemoryError"


@pytest.mark.skipif(os.geteuid() != 0 or cgroup.version() is None, reason="no control group can be made here")
def test_memory_is_bounded_over_all_processes(mountpoint: Path) -> None:
    """Children that each stay within their own bound are killed when their sum passes the sandbox's."""

    def bomb() -> list[int]:
        children = []
        for _ in range(6):
            pid = os.fork()
            if pid == 0:
                block = bytearray(b"x") * (500 << 20)
                time.sleep(1)
                os._exit(len(block) & 1)
            children.append(pid)
        return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]

    sandbox = Sandbox(bomb, "root", mountpoint, Limits(memory_mib=600), Room(()))
    assert -signal.SIGKILL in sandbox.result()
    assert not groups(sandbox.pid)


def test_processes_and_threads_are_bounded(inside: Callable[..., Any]) -> None:
    """Forks and threads fail at the limit."""

    def forks() -> int:
        children = []
        try:
            for _ in range(150):
                pid = os.fork()
                if pid == 0:
                    time.sleep(20)
                    os._exit(0)
                children.append(pid)
        except BlockingIOError:
            pass
        for child in children:
            os.kill(child, signal.SIGKILL)
        return len(children)

    assert 10 < inside(forks, Limits(processes=40)) < 40


def test_disk_and_descriptors_are_bounded(inside: Callable[..., Any]) -> None:
    """Filling the home or the descriptor table fails at the limit."""

    def fill() -> list[str]:
        def write() -> None:
            for number in range(20):
                Path(f"{number}").write_bytes(b"0" * (10 << 20))

        return [outcome(write), outcome(lambda: [open("/dev/null") for _ in range(2000)])]

    assert inside(fill) == ["OSError", "OSError"]


def test_ordinary_work_works(inside: Callable[..., Any]) -> None:
    """Child processes, threads and temporary files behave as usual."""

    def work() -> list[Any]:
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x")
        done = subprocess.run(["/bin/sh", "-c", "echo $HOME"], capture_output=True)
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        sleeper = subprocess.Popen(["sleep", "20"])
        sleeper.kill()
        return [done.stdout.decode().strip(), sleeper.wait()]

    assert inside(work) == [HOME, -9]


def test_letting_go_of_the_leash_ends_everything(mode: str, mountpoint: Path) -> None:
    """A sandbox that would never end, and ignores signals, is gone with its daemon."""

    def stay() -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True:
                    time.sleep(1)
            os._exit(0)
        while True:
            time.sleep(1)

    sandbox = Sandbox(stay, mode, mountpoint, Limits(), Room(()))
    assert eventually(lambda: len(family(sandbox.pid)) >= 3)
    members = family(sandbox.pid)
    sandbox.hold.leash.shutdown(socket.SHUT_WR)
    assert sandbox.finish()["signal"] == signal.SIGKILL
    assert not any(map(is_there, members))


def test_a_sandbox_that_cannot_be_built_says_so(mode: str, mountpoint: Path) -> None:
    """A missing folder is our failure, told before anything of a student has run."""
    room = Room((Path("/no/such/folder"),))
    sandbox = Sandbox(lambda: None, mode, mountpoint, Limits(), room)
    assert "/no/such/folder" in sandbox.said["error"]
    sandbox.finish()


def test_a_later_process_cannot_harm_an_earlier_one(inside: Callable[..., Any]) -> None:
    """A fork under protect_elders can signal itself and its own children, and no process older than itself."""

    def attempts() -> list[str]:
        read, write = os.pipe()
        elder = os.getpid()
        middle = os.fork()
        if middle == 0:
            middle = os.getpid()
            young = os.fork()
            if young == 0:
                os.setsid()
                protect_elders(os.getpid())
                child = os.fork()
                if child == 0:
                    time.sleep(20)
                said = [
                    outcome(lambda: os.kill(middle, signal.SIGKILL)),
                    outcome(lambda: os.kill(elder, signal.SIGTERM)),
                    outcome(lambda: os.kill(-1, signal.SIGTERM)),
                    outcome(lambda: os.kill(-middle, signal.SIGTERM)),
                    outcome(lambda: os.pidfd_open(middle)),
                    str(call("syscall", 302, middle, 0, 0, 0)),
                    str(call("syscall", 62, (1 << 32) | middle, 9)),
                    outcome(lambda: os.kill(child, signal.SIGKILL)),
                    outcome(lambda: os.kill(os.getpid(), 0)),
                    outcome(lambda: open(f"/proc/{middle}/mem", "rb").read(1)),  # noqa: SIM115
                ]
                os.write(write, json.dumps(said).encode())
                os._exit(0)
            os.waitpid(young, 0)
            os._exit(0)
        os.waitpid(middle, 0)
        return list(json.loads(os.read(read, 4096)))

    said = inside(attempts)
    assert said[:5] == ["PermissionError"] * 5
    assert said[5:7] == ["1", "1"]
    assert said[7:9] == ["done", "done"]
    assert said[9] != "done"


def test_the_probe_finds_this_machine_fit() -> None:
    """The doctor's probe sets up a real sandbox, and finds nothing open."""
    code = "from closed_doors.grading.sandbox.self_test import probe, require\nrequire(probe())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # of one thread
    assert (done.returncode, done.stderr) == (0, "")


def test_without_a_sandbox_grading_refuses() -> None:
    """The refusal says what was tried and what to do."""
    with pytest.raises(SandboxError, match=r"\(unshare: Operation not permitted\).*`course doctor`"):
        require(Protection(None, "unshare: Operation not permitted"))
