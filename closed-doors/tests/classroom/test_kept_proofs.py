"""What a master has proved is kept from run to run, and counts as long as nothing that it depends on has changed."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from closed_doors.classroom.class_run import Options, Run
from closed_doors.classroom.kept_proofs import KeptProof, proof_path
from closed_doors.grading.processes.zygote_handle import warm_zygote
from closed_doors.grading.verdict.verdict import Graded
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.settings import read_settings
from support.courses import ASSIGNMENT, RIGHT, TESTS, SmallCourse, cell, master
from support.grading_run import autograde

IN_PLACE = """
xs = [1, 2]
double_all(xs)
assert xs == [2, 4]
"""


def _proofs(course: SmallCourse, record: bool = True) -> list[Graded]:
    """Have the master prove itself as a new process would, and return what is known of it then."""
    known = warm_zygote().proofs
    known.clear()
    Run(read_settings(course.root), ASSIGNMENT, Options(record=record)).require_proof()
    return list(known.values())


def _is_new(course: SmallCourse) -> bool:
    """Whether the master's solution was graded for its proof: a proof that was read has cost nothing."""
    (proof,) = _proofs(course)
    return proof.cpu_s > 0


@pytest.fixture
def proved(course: SmallCourse) -> Path:
    """Return the file of a master that has proved itself, and whose tests let arguments be changed."""
    notebook = master()
    solution = "### BEGIN SOLUTION\ndef double_all(xs):\n    xs[:] = [2 * x for x in xs]\n### END SOLUTION"
    notebook.cells.append(cell("code", "sur-place-reponse", solution, solution=True, locked=False))
    notebook.cells.append(cell("code", "sur-place-verification", IN_PLACE, grade=True, points=1))
    course.set_master(notebook)
    NbgraderCourse(course.root).register(ASSIGNMENT)
    course.submit("alice", RIGHT)
    assert _is_new(course)
    return proof_path(course.root, ASSIGNMENT, ASSIGNMENT)


def test_a_master_proves_itself_once(course: SmallCourse, proved: Path) -> None:
    """The next run reads all that the first one found out, from a file that is its owner's alone."""
    assert proved.stat().st_mode & 0o777 == 0o600
    (read,) = _proofs(course)
    assert read.cpu_s == 0
    proved.unlink()
    (found,) = _proofs(course)
    assert found.cpu_s > 0
    assert read.argument_changes == found.argument_changes != frozenset()
    assert (read.hidden_inputs, read.object_uses) == (found.hidden_inputs, found.object_uses)
    assert [v.earned for v in read.verdicts.values()] == [v.earned for v in found.verdicts.values()] == [4.0, 1.0]


def test_a_changed_test_is_proved_anew(course: SmallCourse, proved: Path) -> None:
    """And nothing else that decides a mark may have changed either: the assignment's digest holds it all."""
    course.set_master(master(TESTS.replace("5, -3", "7, -3").replace("10, -6", "14, -6")))
    assert _is_new(course)
    assert not _is_new(course)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.chmod(0o644),
        lambda path: path.write_bytes(path.read_bytes()[:-9]),
        lambda path: path.write_bytes(b""),
        lambda path: path.rename(path.with_name("x")) and path.symlink_to("x"),
        lambda path: path.write_bytes(
            msgspec.msgpack.encode(msgspec.structs.replace(_decoded(path), fingerprint="0" * 64))
        ),
        pytest.param(
            lambda path: os.chown(path, 65_534, 65_534),
            marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away"),
        ),
    ],
    ids=["readable by others", "cut short", "empty", "a link", "another master's", "another account's"],
)
def test_a_file_that_is_not_the_graders_own_counts_for_nothing(
    course: SmallCourse, proved: Path, spoil: Callable[[Path], object]
) -> None:
    """The master proves itself anew, and the file is a sound one again."""
    spoil(proved)
    assert _is_new(course)
    assert not _is_new(course)


def test_a_run_that_records_nothing_keeps_no_proof(course: SmallCourse) -> None:
    """Neither does a master that misses its own points: it is refused anew each time, as a busy machine may be why."""
    course.submit("alice", RIGHT)
    _proofs(course, record=False)
    path = proof_path(course.root, ASSIGNMENT, ASSIGNMENT)
    assert not path.exists()
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write("c.ClosedDoors.grade_the_rest = True\n")
    notebook = master()
    notebook.cells.append(cell("code", "impossible", "assert False", grade=True, points=1))
    course.set_master(notebook)
    _proofs(course)
    assert not path.exists()


def test_marks_are_the_same_on_a_proof_that_was_read(course: SmallCourse, proved: Path) -> None:
    """What the first run would have given, the next one gives."""
    autograde(course)
    first = course.grades()
    _proofs(course)
    autograde(course, Options(force=True))
    assert course.grades() == first


def _decoded(path: Path) -> KeptProof:
    return msgspec.msgpack.decode(path.read_bytes(), type=KeptProof)
