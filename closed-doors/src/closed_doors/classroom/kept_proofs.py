"""What masters have proved, kept from run to run: verdicts/.proofs/<assignment>/<notebook>.msgpack, one file a master.

A file holds the proof of a sound master only, and the hash of all that it depends on; whatever else is found there is
as if nothing were. Who may write there decides marks: a file counts only if it is the grader's own account's, or that
of the folder's owner, and nobody else may touch it.
"""

import hashlib
import os
import stat
from pathlib import Path

import msgspec

from closed_doors.classroom.fingerprint import environment
from closed_doors.classroom.grade_submission import Assignment, grader_of
from closed_doors.core.files import replace
from closed_doors.grading.master_proof import Refusal
from closed_doors.grading.one_notebook import known_as_proved, proof_of, protection, proved
from closed_doors.grading.protocol.messages import ChangedArgument, ObjectUse
from closed_doors.grading.verdict.verdict import CellVerdict, Graded

VERSION = 2  # of the file's form
PRIVATE = 0o600
LARGEST_BYTES = 16 << 20


class KeptProof(msgspec.Struct, frozen=True):
    """The proof of one master.

    Attributes:
        fingerprint: of the master and of all else that its proof depends on.
        verdicts: by position of the cell.
        argument_changes: see `Graded`; so for the others.
    """

    fingerprint: str
    verdicts: dict[int, CellVerdict]
    argument_changes: tuple[ChangedArgument, ...]
    hidden_inputs: tuple[bytes, ...]
    object_uses: tuple[ObjectUse, ...]


def proof_path(root: Path, assignment: str, notebook: str) -> Path:
    """Return where a course keeps the proof of a master."""
    return root / "verdicts" / ".proofs" / assignment / f"{notebook}.msgpack"


def refusals_of(root: Path, assignment: Assignment, notebook: str, record: bool = True) -> tuple[Refusal, ...]:
    """Return the cells that a master's own solution misses; whoever has proved itself on an earlier run need not again.

    Args:
        root: the course's folder.
        assignment: as it is now.
        notebook: the master's name.
        record: whether a proof is kept.

    Raises:
        SandboxError: this machine can't close student code in.
    """
    grader = grader_of(assignment, notebook)
    known = _recall(root, assignment, notebook)
    if known is not None:
        known_as_proved(grader, known)
        return ()
    found = proof_of(grader)
    if record and not found:
        _keep(root, assignment, notebook, proved(grader))
    return found


def _recall(root: Path, assignment: Assignment, notebook: str) -> Graded | None:
    data = _own_file(proof_path(root, assignment.name, notebook))
    try:
        kept = msgspec.msgpack.decode(data, type=KeptProof)
    except msgspec.MsgspecError:
        return None
    tier = protection()
    if kept.fingerprint != _fingerprint(assignment, notebook, tier):
        return None
    return Graded(
        verdicts=kept.verdicts,
        complete=True,
        protection=tier,
        argument_changes=frozenset(kept.argument_changes),
        hidden_inputs=frozenset(kept.hidden_inputs),
        object_uses=frozenset(kept.object_uses),
    )


def _keep(root: Path, assignment: Assignment, notebook: str, proof: Graded) -> None:
    kept = KeptProof(
        _fingerprint(assignment, notebook, proof.protection),
        {index: verdict.on_file for index, verdict in proof.verdicts.items()},
        tuple(proof.argument_changes),
        tuple(proof.hidden_inputs),
        tuple(proof.object_uses),
    )
    try:
        replace(proof_path(root, assignment.name, notebook), msgspec.msgpack.encode(kept), PRIVATE)
    except (OSError, UnicodeError):  # it costs the next run a little time; text may hold half a surrogate pair
        return


def _fingerprint(assignment: Assignment, notebook: str, tier: str) -> str:
    parts = (VERSION, assignment.digest, environment(assignment.libraries), assignment.name, notebook, tier)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _own_file(path: Path) -> bytes:
    """Return a file's content; nothing where it is not there, or where somebody else may have written it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as stream:
        found = os.fstat(stream.fileno())
        trusted = found.st_uid in (os.geteuid(), path.parent.stat().st_uid)
        if not stat.S_ISREG(found.st_mode) or not trusted or stat.S_IMODE(found.st_mode) & ~PRIVATE:
            return b""
        return stream.read(LARGEST_BYTES)
