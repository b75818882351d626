r"""What an author writes of the wrong answers to an exercise: misconceptions.toml, beside the answers themselves.

setup = "import numpy as np\nx = …"        makes the probes' inputs
[probes]                                  by part: expressions that call the student's functions
values = ["mean(weights)", …]
[[misconceptions]]                        one wrong idea
id = "transposed"
hint = "…"                                for students; left out where misconceptions.toml two folders up has the id
answers = ["transposed", …]               the files under wrong/ that show it
covers = ["other", …]                     narrower ones that it stands for where they can't be told apart
only_in = ["values", …]                   instead of answers: parts of the probes; said where all else is right
perhaps_in = ["large", …]                 further parts that may be wrong then
[left_out]                                answers without one, and why
rare = "…"
"""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from closed_doors.core.errors import MasterError

FILE = "misconceptions.toml"
_HEADER = re.compile(r"\A(# \w+: .+\n)+")


@dataclass(frozen=True, slots=True)
class Misconception:
    """One wrong idea, as the answers to an exercise show it.

    Attributes:
        id: its name, which verdict files carry.
        hint: what a student who shows it is told, in French.
        answers: the labelled answers that show it.
        covers: narrower misconceptions that it stands for where they can't be told apart.
        only_in: parts of the probes where alone an answer is wrong that is told this; no labelled answer shows it.
        perhaps_in: parts where it may be wrong too.
    """

    id: str
    hint: str
    answers: tuple[str, ...]
    covers: tuple[str, ...]
    only_in: tuple[str, ...] = ()
    perhaps_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownExercise:
    """The answers to an exercise, and what their author knows of the wrong ones.

    Attributes:
        name: the exercise, as its folder is called.
        setup: code that makes the probes' inputs.
        probes: pairs of part and expression.
        misconceptions: what the wrong ones show.
        right: sources of right answers.
        wrong: sources of wrong answers, by name.
        left_out: wrong answers without one, and why.
    """

    name: str
    setup: str
    probes: tuple[tuple[str, str], ...]
    misconceptions: tuple[Misconception, ...]
    right: tuple[str, ...]
    wrong: dict[str, str]
    left_out: dict[str, str]

    def misconception_of(self, answer: str) -> str | None:
        """Return the misconception that an answer shows."""
        return next((each.id for each in self.misconceptions if answer in each.answers), None)


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    hint: str = ""
    answers: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    only_in: tuple[str, ...] = ()
    perhaps_in: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    setup: str = ""
    probes: dict[str, list[str]] = {}
    misconceptions: tuple[_Row, ...] = ()
    left_out: dict[str, str] = {}


def read_known(answers: Path) -> list[KnownExercise]:
    """Return what is known of an assignment's exercises, from its folder of labelled answers.

    Raises:
        MasterError: a file is unreadable, or forgets an answer.
    """
    shared = answers.parent / FILE
    hints = {row.id: row.hint for row in _read(shared).misconceptions} if shared.is_file() else {}
    return [_exercise(path, hints) for path in sorted(answers.glob(f"*/{FILE}"))]


def _exercise(path: Path, hints: Mapping[str, str]) -> KnownExercise:
    table = _read(path)
    known = KnownExercise(
        name=path.parent.name,
        setup=table.setup,
        probes=tuple((part, call) for part, calls in table.probes.items() for call in calls),
        misconceptions=tuple(_misconception(row, hints, path) for row in table.misconceptions),
        right=tuple(_sources(path.parent / "right").values()),
        wrong=_sources(path.parent / "wrong"),
        left_out=table.left_out,
    )
    _check(known, path)
    return known


def _misconception(row: _Row, hints: Mapping[str, str], path: Path) -> Misconception:
    hint = row.hint or hints.get(row.id)
    if not hint:
        raise MasterError(
            f"{path}: {row.id!r} has no hint. Write it there, or in {path.parent.parent.parent.name}/{FILE} if several "
            "exercises share it."
        )
    return Misconception(row.id, _french(hint), row.answers, row.covers, row.only_in, row.perhaps_in)


def _check(known: KnownExercise, path: Path) -> None:
    """Refuse a file in which an answer is forgotten, unknown or named twice."""
    ids = Counter(each.id for each in known.misconceptions)
    named = Counter([*known.left_out, *(answer for each in known.misconceptions for answer in each.answers)])
    forgotten, unknown = known.wrong.keys() - named, named.keys() - known.wrong.keys()
    uncovered = {(each.id, other) for each in known.misconceptions for other in each.covers if other not in ids}
    parts = {part for part, _ in known.probes}
    problems = [
        *(f"no misconception names the answer {name!r}; add it to one, or to [left_out]" for name in forgotten),
        *(f"there is no answer wrong/{name}.py" for name in unknown),
        *(f"the answer {name!r} is named {times} times" for name, times in named.items() if times > 1),
        *(f"the id {name!r} stands {times} times" for name, times in ids.items() if times > 1),
        *(f"{name!r} covers {other!r}, which is no id" for name, other in uncovered),
        *(
            f"{each.id!r} is only in {part!r}, which is no part of the probes"
            for each in known.misconceptions
            for part in sorted({*each.only_in, *each.perhaps_in} - parts)
        ),
        *(f"{each.id!r} has answers, and only_in" for each in known.misconceptions if each.answers and each.only_in),
        *(f"{each.id!r} has perhaps_in alone" for each in known.misconceptions if each.perhaps_in and not each.only_in),
    ]
    if not known.probes:
        problems.append("[probes] is empty")
    if problems:
        raise MasterError(f"{path}:\n  " + "\n  ".join(sorted(problems)))


def _sources(folder: Path) -> dict[str, str]:
    return {
        path.stem: _HEADER.sub("", path.read_text(encoding="utf-8")).strip() for path in sorted(folder.glob("*.py"))
    }


def _read(path: Path) -> _File:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=_File)
    except (OSError, msgspec.DecodeError, tomllib.TOMLDecodeError) as error:
        raise MasterError(f"{path} can't be read: {error}") from error


def _french(text: str) -> str:
    """Return a hint with the no-break spaces that French typography asks for."""
    return re.sub(r"(?<=«) | (?=[:;!?»%])", "\u00a0", " ".join(text.split()))
