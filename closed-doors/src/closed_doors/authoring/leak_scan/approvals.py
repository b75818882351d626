"""What an assignment shows on purpose: approvals in masters/<assignment>/shown.toml, reviewed like any other text.

[[shown]]
where = "exercice-2-enonce"          # a cell's grade_id, or a file of the bundle
text = "weights.mean(dim=(0, 1))"    # as the refusal quotes it
why = "The first hint ends with this call."

[[unread]]
file = "poids.npz"                   # binary, so nothing can look inside
why = "Random weights for section 5, written by tools/weights.py."
"""

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from closed_doors.authoring.leak_scan.finding import Place
from closed_doors.authoring.leak_scan.master_secrets import Secret, shortened, squeezed
from closed_doors.core.errors import MasterError

FILE_NAME = "shown.toml"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person has approved.

    Attributes:
        texts: (where, squeezed text) of what may be shown.
        files: names of files that may be handed out unread.
    """

    texts: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    files: frozenset[str] = field(default_factory=frozenset)

    def allows(self, secret: Secret, place: Place) -> bool:
        """Whether this secret, or a line that it is part of, may be shown in this cell's source or this file."""
        if place.part not in ("", "source"):
            return False
        where = place.cell or place.file
        said = squeezed(secret.text)
        return any(said in text and (where == w or where.endswith(f"/{w}")) for w, text in self.texts)

    def allows_file(self, place: Place) -> bool:
        """Whether this file may be handed out unread."""
        return any(place.file.endswith(f"/{name}") for name in self.files)


def approval(secret: Secret, place: Place) -> str:
    """Return the entry of shown.toml that would approve a finding; nothing where none would."""
    if place.part not in ("", "source"):
        return ""
    where = place.cell or _name(place)
    return f'[[shown]]\nwhere = {_quoted(where)}\ntext = {_quoted(secret.text)}\nwhy = ""\n'


def approval_unread(place: Place) -> str:
    """Return the entry of shown.toml that would let a file be handed out unread."""
    return f'[[unread]]\nfile = {_quoted(_name(place))}\nwhy = ""\n'


def _name(place: Place) -> str:
    return place.file.rpartition("/")[2].rpartition("!")[2]


def _quoted(text: str) -> str:
    """Return a text as TOML writes one."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_shown(masters: Path, assignment: str) -> Shown:
    """Return an assignment's approvals; none where it has no such file.

    Raises:
        MasterError: the file is not as it should be.
    """
    path = masters / assignment / FILE_NAME
    if not path.exists():
        return Shown()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        entries = [
            (entry["where"], squeezed(shortened(entry["text"])), entry["why"]) for entry in data.pop("shown", [])
        ]
        files = [(entry["file"], entry["why"]) for entry in data.pop("unread", [])]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise MasterError(
            f"{path}: each [[shown]] needs where, text and why, each [[unread]] file and why ({error})."
        ) from error
    if data or not all(entry[-1].strip() for entry in (*entries, *files)):
        raise MasterError(f"{path}: only [[shown]] and [[unread]] entries, each with its reason, are known.")
    return Shown(frozenset(entry[:2] for entry in entries), frozenset(name for name, _ in files))
