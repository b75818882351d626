"""The zygote's handle: what is said where the interpreter can't be started."""

import os
import sys
from pathlib import Path

import pytest

from closed_doors.core.errors import SandboxError
from closed_doors.grading.processes.zygote_handle import Zygote
from support.sandboxes import ORDINARY_USER


def test_an_account_that_may_not_run_the_interpreter_is_told_so(tmp_path: Path) -> None:
    """A service account and an environment in somebody's home: one sentence with account, program, folder and a way."""
    closed = tmp_path / "closed"
    closed.mkdir()
    program = closed / "python"
    program.symlink_to(sys.executable)
    closed.chmod(0)
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(write, _refusal(program).encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    closed.chmod(0o700)
    with os.fdopen(read) as said:
        text = said.read()
    assert str(program) in text
    assert "it may not enter /" in text
    assert "so nothing was graded" in text


def _refusal(program: Path) -> str:
    if os.geteuid() == 0:
        os.setresuid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER)
    sys.executable = str(program)
    with pytest.raises(SandboxError) as refused:
        Zygote()
    return str(refused.value)
