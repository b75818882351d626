"""A student's Jupyter kernel, driven as JupyterLab drives it: every request names its cell, and a person can answer.

What a platform lacks is taken away in the kernel before the first cell runs.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client import BlockingKernelClient, KernelManager

WINDOWS = """
import builtins, importlib.abc, io, locale, os, signal, sys
gone = "SIGALRM SIGVTALRM SIGPROF SIGKILL SIGHUP SIGUSR1 SIGCHLD SIGPIPE ITIMER_REAL setitimer getitimer alarm pause"
for name in (gone + " pthread_kill pthread_sigmask sigwait siginterrupt").split():
    if hasattr(signal, name):
        delattr(signal, name)
gone = "fork forkpty register_at_fork getuid geteuid getgid setsid killpg getloadavg sysconf mkfifo chown statvfs"
for name in (gone + " sched_getaffinity posix_spawn openpty pread O_NOFOLLOW O_NONBLOCK").split():
    if hasattr(os, name):
        delattr(os, name)
locale.getpreferredencoding = lambda *_: "cp1252"
def _open(file, mode="r", buffering=-1, encoding=None, *rest, _plain=io.open, **named):
    if "b" not in mode and encoding in (None, "locale"):
        encoding = "cp1252"
    return _plain(file, mode, buffering, encoding, *rest, **named)
builtins.open = io.open = _open
class _Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in ("resource", "fcntl", "termios", "pwd", "grp"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, _Missing())
for name in ("resource", "fcntl", "termios", "pwd", "grp"):
    sys.modules.pop(name, None)
del builtins, importlib, io, locale, os, signal, sys, gone, name
"""
MACOS = """
import multiprocessing
multiprocessing.set_start_method("spawn", force=True)
try:
    import torch
    torch.backends.mps.is_available = torch.backends.mps.is_built = lambda: True
    del torch
except ModuleNotFoundError:
    pass
del multiprocessing
"""
LINUX = ""
LONGEST_S = 300


@dataclass(frozen=True)
class Shown:
    """What a cell left under it."""

    text: str
    results: list[dict[str, Any]]
    error: str


class StudentKernel:
    """A running kernel."""

    def __init__(self, client: BlockingKernelClient, subshell: str | None) -> None:
        self._client = client
        self._subshell = subshell

    def run(self, source: str, cell_id: str | None = None, answers: bool = True) -> Shown:
        """Run a cell and return what it shows.

        Args:
            source: the cell's text.
            cell_id: how the front end names the cell.
            answers: whether somebody sits there who could answer an input().
        """
        session = self._client.session
        content = {
            "code": source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": answers,
            "stop_on_error": False,
        }
        metadata = {} if cell_id is None else {"cellId": cell_id}
        message = session.msg("execute_request", content, metadata=metadata)
        if self._subshell is not None:
            message["header"]["subshell_id"] = self._subshell
        self._client.shell_channel.send(message)
        return self._shown(message["header"]["msg_id"])

    def _shown(self, request: str) -> Shown:
        text, error = "", ""
        results = []
        while True:
            message = self._client.get_iopub_msg(timeout=LONGEST_S)
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    text += content["text"]
                case "execute_result":
                    results.append(content["data"])
                case "error":
                    error = f"{content['ename']}: {content['evalue']}"
                case "status" if content["execution_state"] == "idle":
                    return Shown(text.replace("\u00a0", " "), results, error)


@contextlib.contextmanager
def student_kernel(
    folder: Path, platform: str = LINUX, notebook: Path | None = None, other_thread: bool = False
) -> Iterator[StudentKernel]:
    """Run a kernel.

    Args:
        folder: its working directory.
        platform: what is taken away before the first cell.
        notebook: the file that the front end says it has open.
        other_thread: whether cells run outside the kernel's main thread, as in a subshell.
    """
    environment = {**os.environ, "IPYTHONDIR": str(folder / "ipython"), "PYTHONPATH": os.pathsep.join(sys.path)}
    if notebook is not None:
        environment["JPY_SESSION_NAME"] = str(notebook)
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(folder), env=environment)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=LONGEST_S)
        kernel = StudentKernel(client, _subshell(client) if other_thread else None)
        if platform:
            prepared = kernel.run(platform)
            assert not prepared.error, prepared.error
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _subshell(client: BlockingKernelClient) -> str:
    message = client.session.msg("create_subshell_request")
    client.control_channel.send(message)
    while True:
        with contextlib.suppress(Empty):
            reply = client.get_control_msg(timeout=LONGEST_S)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return str(reply["content"]["subshell_id"])
