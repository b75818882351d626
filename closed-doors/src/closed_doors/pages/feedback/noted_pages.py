"""What each feedback page was made of, as a hash: feedback/<assignment>.pages.json.

So it can be said whose page is out of date without making them all.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import msgspec

from closed_doors.core.files import replace
from closed_doors.nbgrader.settings import Settings

SUFFIX = ".pages.json"


def note_pages(settings: Settings, assignment: str, made: Mapping[str, str]) -> None:
    """Note what pages were made of; what is noted of others stays.

    Raises:
        OSError: the file can't be written.
    """
    known = noted_pages(settings, assignment)
    if (merged := {**known, **made}) != known:
        text = json.dumps(dict(sorted(merged.items())), ensure_ascii=False, indent=0)
        replace(_path(settings, assignment), text.encode("utf-8", "replace"))


def noted_pages(settings: Settings, assignment: str) -> dict[str, str]:
    """Return what was noted, by student and notebook; nothing where there is no such file, or it is damaged."""
    try:
        return msgspec.json.decode(_path(settings, assignment).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}


def _path(settings: Settings, assignment: str) -> Path:
    return settings.root / "feedback" / f"{assignment}{SUFFIX}"
