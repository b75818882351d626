"""Labelled answers as files: <folder>/<assignment>/<exercise>/{right,wrong}/<name>.py.

A file is what a student writes in the exercise's answer cell. Comments at its top may say what it stands for:

    # style: loops                                    of a right answer: how it is written
    # misconception: the mask is transposed           of a wrong one: what its author believes
    # fails: test_example, test_any_length            of a wrong one: criteria that it must miss

Other comments of this kind belong to other tools. A file without any is right or wrong by its folder.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from closed_doors.core.errors import QualityError

KINDS = ("right", "wrong")
_HEADER = re.compile(r"\A(?:# \w+: .+\n)+")
_LINE = re.compile(r"^# (\w+): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one exercise.

    Attributes:
        label: the style of a right answer, the misconception of a wrong one; empty where the file does not say.
        fails: names of the criteria that a wrong one must miss; empty where any will do.
        source: the cell's content, without the comments that label it.
    """

    assignment: str
    exercise: str
    right: bool
    name: str
    label: str
    fails: tuple[str, ...]
    source: str

    def __str__(self) -> str:
        return f"{self.exercise}/{KINDS[not self.right]}/{self.name}"


def read_answers(folder: Path, assignment: str, exercises: Sequence[str]) -> list[Answer]:
    """Return the answers to some exercises of an assignment, by exercise, right ones first.

    Args:
        folder: the collection.
        assignment: which of its folders.
        exercises: every exercise of the assignment; a folder of another name is refused.

    Raises:
        QualityError: there is no such folder, no answer in it, or one that can't be read.
    """
    home = folder / assignment
    if not home.is_dir():
        raise QualityError(
            f"There are no answers to {assignment!r}: expected {home}/<exercise>/right/*.py and wrong/*.py. "
            "Name another collection with --answers."
        )
    answers = [_read(path, assignment) for path in _files(home, exercises)]
    if not answers:
        raise QualityError(f"{home} holds no answer: expected <exercise>/right/*.py and <exercise>/wrong/*.py in it.")
    return answers


def _files(home: Path, exercises: Sequence[str]) -> Iterator[Path]:
    for exercise in _folders(home):
        _require(exercise, exercises, "exercise")
        for kind in _folders(exercise):
            _require(kind, KINDS, "kind of answer")
            yield from sorted(kind.glob("*.py"))


def _folders(home: Path) -> list[Path]:
    return sorted(path for path in home.iterdir() if path.is_dir() and not path.name.startswith((".", "_")))


def _require(folder: Path, known: Sequence[str], what: str) -> None:
    if folder.name not in known:
        near = get_close_matches(folder.name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}."
        raise QualityError(f"{folder}: there is no {what} {folder.name!r}; {hint}")


def _read(path: Path, assignment: str) -> Answer:
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QualityError(f"{path} can't be read as UTF-8 text: {error}") from error
    header = _HEADER.match(source)
    says = dict(_LINE.findall(header.group() if header else ""))
    right = path.parent.name == KINDS[0]
    return Answer(
        assignment=assignment,
        exercise=path.parent.parent.name,
        right=right,
        name=path.stem,
        label=says.get("style" if right else "misconception", ""),
        fails=() if right else tuple(name.strip() for name in says.get("fails", "").split(",") if name.strip()),
        source=_HEADER.sub("", source).strip(),
    )
