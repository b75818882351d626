"""What is added to a wrong answer to see whether it pays: general attacks on whoever trusts student code."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from closed_doors.authoring.quality.grade_one_answer import Exercise
from closed_doors.notebook.global_names import bound_names, used_names
from closed_doors.notebook.imports import definitions
from closed_doors.notebook.instructor_code import python_of


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack.

    Attributes:
        name: in a few words.
        what: what it does, in a sentence.
        code: what stands below the answer.
        slow: whether it takes seconds by design.
    """

    name: str
    what: str
    code: str
    slow: bool = False

    def added_to(self, answer: str, exercise: Exercise, own_packages: Sequence[str]) -> str:
        """Return an answer with the attack below it.

        Args:
            answer: the cell's content.
            exercise: which it answers.
            own_packages: packages of the course itself.
        """
        preamble = _attacks_file()["preamble"]
        assert isinstance(preamble, str)
        asked = list(definitions(exercise.solution))
        check = python_of(exercise.check_source)
        used = sorted((used_names(check) | bound_names(check)) - set(asked))
        known = preamble.format(asked=asked, used=used, own=[*own_packages])
        return f"{answer}\n\n{known}\n{self.code}"


def attacks() -> list[Attack]:
    """Return every attack."""
    rows = _attacks_file()["attack"]
    assert isinstance(rows, list)
    return [Attack(**row) for row in rows]


@cache
def _attacks_file() -> dict[str, object]:
    return tomllib.loads(resources.files(__package__).joinpath("attacks.toml").read_text(encoding="utf-8"))
