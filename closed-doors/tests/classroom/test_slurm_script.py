"""The Slurm script, handed in to a real Slurm: two nodes on this machine grade a class over TLS."""

import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from closed_doors.classroom.class_run import Options
from closed_doors.classroom.cluster_certificates import FOLDER, make_certificates
from closed_doors.classroom.slurm_script import SlurmJob, slurm_script
from support.courses import ASSIGNMENT, RIGHT, SmallCourse
from support.grading_run import autograde
from support.slurm import LONG_S, Slurm

COURSE = Path(sys.executable).with_name("course")


def test_the_slurm_script_is_one_that_bash_reads() -> None:
    """Names with blanks and quotes stay what they are; what nobody asked for stands nowhere."""
    job = SlurmJob(
        *(Path("/srv/a course's"), "petit", Path("/srv/v/bin/course"), 3, 8, "01:00:00"),
        partition="long",
        interface="ib0",
        others=("--account=maths",),
        memory="7G",
        requeue=False,
    )
    script = slurm_script(job)
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
    asked = ("nodes=3", "partition=long", "account=maths", "mem=7G", "time=01:00:00", "no-requeue", "cpus-per-task=8")
    assert {f"#SBATCH --{each}" for each in asked} <= set(script.splitlines())
    plain = slurm_script(SlurmJob(Path("/c"), "petit", Path("/v/course"), 1, 8, "10"))
    assert "partition" not in plain
    assert {"#SBATCH --mem=12G", "#SBATCH --requeue"} <= set(plain.splitlines())


def test_without_certificates_no_script_is_written(course: SmallCourse) -> None:
    """Said at once, and not in a log when the job's turn has come."""
    done = written(course, check=False)
    assert done.returncode == 1
    assert "course cluster init" in done.stderr


def written(course: SmallCourse, *options: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    command = [COURSE, "--root", course.root, "cluster", "slurm", ASSIGNMENT, *options]
    return subprocess.run(command, capture_output=True, text=True, check=check)


def script_for_two_nodes(course: SmallCourse) -> str:
    make_certificates(course.root / FOLDER)
    return written(course, "--nodes", "2", "--processors", "2", "--time", "30", "--interface", "lo").stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_nodes_give_the_marks_of_one_machine(class_of_four: SmallCourse, slurm: Slurm) -> None:
    """The same gradebook and verdicts, to the byte, and a log that a teacher can read."""
    autograde(class_of_four)
    wanted = class_of_four.everything(), class_of_four.verdicts()
    script = script_for_two_nodes(class_of_four)
    autograde_line = f'autograde {ASSIGNMENT} --scheduler "$address"'
    assert autograde_line in script
    job = slurm.submit(script.replace(autograde_line, f"{autograde_line} --force"), class_of_four.root)
    state = slurm.wait(job, "COMPLETED", "FAILED")
    log = (class_of_four.root / f"{ASSIGNMENT}-{job}.log").read_text()
    assert state == "COMPLETED", log
    assert set(re.findall(r"^([01]): closed doors: namespaces", log, re.MULTILINE)) == {"0", "1"}, log
    assert "Traceback" not in log, log
    details = (class_of_four.root / f"{ASSIGNMENT}-{job}.dask.log").read_text()
    assert len(set(re.findall(r"Register worker addr: (tls://127\.0\.0\.1:\d+)", details))) == 2, details
    assert (class_of_four.everything(), class_of_four.verdicts()) == wanted


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_job_that_is_started_anew_goes_on_where_it_was(course: SmallCourse, slurm: Slurm) -> None:
    """Slurm takes the nodes away in mid-run and gives them back: nobody is lost, and nobody graded again."""
    for number in range(12):
        course.submit(f"eleve-{number:02}", f"{RIGHT}\nimport time; time.sleep(1)\n# {number}")
    job = slurm.submit(script_for_two_nodes(course), course.root)
    deadline = time.monotonic() + LONG_S
    log = course.root / f"{ASSIGNMENT}-{job}.log"
    while not course.grades():
        assert time.monotonic() < deadline, log.read_text() if log.exists() else slurm.logs()
        time.sleep(0.2)
    slurm.run("scontrol", "requeue", job)
    slurm.wait(job, "PENDING", "RUNNING")
    assert slurm.wait(job, "COMPLETED", "FAILED") == "COMPLETED", log.read_text()
    assert len(course.grades()) == 24
    assert autograde(course, Options()).unchanged == 12


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_where_a_node_cannot_close_the_doors_nobody_is_graded(course: SmallCourse, slurm: Slurm) -> None:
    """The node is named in the log, and the job has failed."""
    course.submit("alice", RIGHT)
    script = script_for_two_nodes(course)
    blocked = """doctor() { [ "$SLURMD_NODENAME" = n0 ] || { echo 'mount is blocked' >&2; exit 1; }; }; doctor"""
    job = slurm.submit(script.replace('"$course" doctor', f"bash -c {shlex.quote(blocked)}"), course.root)
    assert slurm.wait(job, "COMPLETED", "FAILED") == "FAILED"
    assert "1: mount is blocked" in (course.root / f"{ASSIGNMENT}-{job}.log").read_text()
    assert not course.grades()
