r"""What an author writes of the wrong answers to an exercise: misconceptions.toml, beside the answers themselves.

setup = "import numpy as np\nx = …"        makes the probes' inputs
[probes]                                  by part: expressions that call the student's functions
values = ["mean(weights)", …]
[[ideas]]                                 one wrong idea
id = "transposed"
hint = "…"                                in French; left out where misconceptions.toml two folders up has the id
answers = ["transposed", …]               the files under wrong/ that show it
covers = ["other", …]                     ideas that it stands for where they can't be told apart
[left_out]                                answers without an idea, and why
rare = "…"
"""

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from closed_doors.core.errors import MasterError

FILE = "misconceptions.toml"
_HEADER = re.compile(r"\A(# \w+: .+\n)+")


@dataclass(frozen=True, slots=True)
class Idea:
    """One wrong idea.

    Attributes:
        id: its name, which verdict files carry.
        hint: what a student who shows it is told, in French.
        answers: the labelled answers that show it.
        covers: narrower ideas that it stands for where they can't be told apart.
    """

    id: str
    hint: str
    answers: tuple[str, ...]
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownExercise:
    """The answers to an exercise, and what their author knows of the wrong ones.

    Attributes:
        name: the exercise, as its folder is called.
        setup: code that makes the probes' inputs.
        probes: pairs of part and expression.
        ideas: the wrong ideas.
        right: sources of right answers.
        wrong: sources of wrong answers, by name.
        left_out: wrong answers without an idea, and why.
    """

    name: str
    setup: str
    probes: tuple[tuple[str, str], ...]
    ideas: tuple[Idea, ...]
    right: tuple[str, ...]
    wrong: dict[str, str]
    left_out: dict[str, str]

    def idea_of(self, answer: str) -> str | None:
        """Return the idea that an answer shows."""
        return next((idea.id for idea in self.ideas if answer in idea.answers), None)


def read_known(answers: Path) -> list[KnownExercise]:
    """Return what is known of an assignment's exercises, from its folder of labelled answers.

    Raises:
        MasterError: a file is unreadable, or forgets an answer.
    """
    shared = answers.parent / FILE
    hints = {idea["id"]: idea["hint"] for idea in _toml(shared).get("ideas", ())} if shared.is_file() else {}
    return [_exercise(path, hints) for path in sorted(answers.glob(f"*/{FILE}"))]


def _exercise(path: Path, hints: dict[str, str]) -> KnownExercise:
    data = _toml(path)
    ideas = []
    for row in data.get("ideas", ()):
        try:
            hint = row.get("hint") or hints[row["id"]]
        except KeyError as error:
            raise MasterError(
                f"{path}: an idea needs an id and a hint, and {row.get('id', 'one of them')!r} lacks {error}. Write it "
                f"there, or in {path.parent.parent.parent.name}/{FILE} if several exercises share it."
            ) from error
        ideas.append(Idea(row["id"], _french(hint), tuple(row.get("answers", ())), tuple(row.get("covers", ()))))
    probes = tuple((part, call) for part, calls in data.get("probes", {}).items() for call in calls)
    known = KnownExercise(
        name=path.parent.name,
        setup=data.get("setup", ""),
        probes=probes,
        ideas=tuple(ideas),
        right=tuple(_sources(path.parent / "right").values()),
        wrong=_sources(path.parent / "wrong"),
        left_out=dict(data.get("left_out", {})),
    )
    _check(known, path)
    return known


def _check(known: KnownExercise, path: Path) -> None:
    """Refuse a file in which an answer is forgotten, unknown or named twice."""
    named = Counter([*known.left_out, *(answer for idea in known.ideas for answer in idea.answers)])
    problems = [
        *(f"no idea names the answer {name!r}; add it to one, or to [left_out]" for name in known.wrong.keys() - named),
        *(f"there is no answer wrong/{name}.py" for name in named.keys() - known.wrong.keys()),
        *(f"the answer {name!r} is named {times} times" for name, times in named.items() if times > 1),
        *(f"the id {name!r} stands {n} times" for name, n in Counter(i.id for i in known.ideas).items() if n > 1),
        *(f"{i.id!r} covers {c!r}, which is no id" for i in known.ideas for c in i.covers if c not in _ids(known)),
    ]
    if not known.probes:
        problems.append("[probes] is empty")
    if problems:
        raise MasterError(f"{path}:\n  " + "\n  ".join(sorted(problems)))


def _ids(known: KnownExercise) -> set[str]:
    return {idea.id for idea in known.ideas}


def _sources(folder: Path) -> dict[str, str]:
    return {
        path.stem: _HEADER.sub("", path.read_text(encoding="utf-8")).strip() for path in sorted(folder.glob("*.py"))
    }


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MasterError(f"{path} can't be read: {error}") from error


def _french(text: str) -> str:
    """Return a hint with the no-break spaces that French typography asks for."""
    return re.sub(r"(?<=«) | (?=[:;!?»%])", "\u00a0", " ".join(text.split()))
