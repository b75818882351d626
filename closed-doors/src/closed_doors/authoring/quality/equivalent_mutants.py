"""The mutants that no test can tell from the solution, with the reason: <collection>/<assignment>/equivalent.toml.

[[mutant]]
exercise = "exercice-1"
where = "softmax_from_scratch"
before = "total = np.where(total == 0, 1, total)"
after = "total = np.where(total == 0, 2, total)"
reason = "The numerators are 0 there: 0 / 1 is 0 / 2."
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from closed_doors.core.errors import QualityError

FILE_NAME = "equivalent.toml"
KEYS = ("exercise", "where", "before", "after", "reason")


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A mutant that is right too, and why."""

    exercise: str
    where: str
    before: str
    after: str
    reason: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The key of the mutant that it stands for."""
        return self.exercise, self.where, self.before, self.after


def read_equivalents(path: Path) -> list[Equivalent]:
    """Return the mutants listed in a file; none, where there is no such file.

    Raises:
        QualityError: the file is not as described above.
    """
    if not path.is_file():
        return []
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("mutant", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise QualityError(f"{path} can't be read as TOML: {error}") from error
    return [_equivalent(row, number, path) for number, row in enumerate(rows, start=1)]


def _equivalent(row: object, number: int, path: Path) -> Equivalent:
    if not isinstance(row, dict) or set(row) != set(KEYS) or not all(isinstance(value, str) for value in row.values()):
        raise QualityError(f"{path}, mutant {number}: expected the texts {', '.join(KEYS)}; got {row}.")
    if not row["reason"].strip():
        raise QualityError(f"{path}, mutant {number}: an equivalent mutant needs a reason.")
    return Equivalent(**{key: value.strip() for key, value in row.items()})
