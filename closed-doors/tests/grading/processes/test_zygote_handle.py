"""The zygote's handle: what is said where something can't be started, and who waits for what."""

import os
import signal
import sys
from pathlib import Path

import pytest

from closed_doors.core.assignment_files import NO_FILES
from closed_doors.core.errors import ExecutionError, SandboxError
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.sandbox.image import PYTHON
from closed_doors.grading.sandbox.self_test import require
from closed_doors.notebook.plan import plan
from support.sandboxes import ORDINARY_USER
from support.small_notebooks import Small


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


def test_who_waits_for_the_image_goes_on_once_the_warm_process_runs_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """On two processors, what the command itself imports begins then, and not before."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    with Zygote() as zygote:
        zygote.wait_for_image()
        assert Path(f"/proc/{zygote.pid}/exe").readlink() == Path(PYTHON)


def test_a_warm_process_that_dies_lets_nobody_wait_for_its_image(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ends it, its pipe ends with it."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    with Zygote() as zygote:
        os.kill(zygote.pid, signal.SIGKILL)
        zygote.wait_for_image()
        with pytest.raises(ExecutionError, match="did not start"):
            _ = zygote.protection


def test_a_stage_that_dies_while_it_is_set_up_costs_one_submission_its_mark_loudly() -> None:
    """It is set up while the supervisor goes on: who needs it first is told, and the next one gets a new one."""
    small = Small().lesson("x = 1").answer("def f(): return x").grading("assert f() == 1")
    steps = plan(small.master, small.master)
    with Zygote() as zygote:
        require(zygote.protection)
        zygote.warm(steps, NO_FILES)
        os.kill(zygote.stage(steps, NO_FILES).pid, signal.SIGKILL)
        with pytest.raises(ExecutionError, match=r"could not be set up|is gone"):
            grade(zygote, steps)
        (verdict,) = grade(zygote, steps).verdicts.values()
        assert verdict.earned == 2


def _refusal(program: Path) -> str:
    if os.geteuid() == 0:
        os.setresuid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER)
    sys.executable = str(program)
    with pytest.raises(SandboxError) as refused:
        Zygote()
    return str(refused.value)
