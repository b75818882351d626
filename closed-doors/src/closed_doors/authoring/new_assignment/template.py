"""A new assignment from a template: two exercises with checks, a question with its mark scheme, answers, a demo class.

What the template says of cells is filled in here, so that it keeps to the course's own names and scale:

    @locked(titre)  @answer(exercice-1)  @check(exercice-1, points_1)  @written(question-1, points_3)   cells' metadata
    @title  @name  @points_1  @answer_suffix  …                                                        values
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from closed_doors.core.errors import LayoutError
from closed_doors.core.layout import Layout
from closed_doors.core.profile import Naming, read_profile

FOLDER = Path(__file__).parent / "fr"
USUAL_SCALE = 20
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MARK = re.compile(r"@(locked|answer|check|written)\(([\w-]+)(?:, (\w+))?\)")
_VALUE = re.compile(r"@([a-z_]+\d?)\b")
# Where each file of the template goes, but for the exercise's answers.
_ANSWERS = {
    "weighted_loop": "exercice-1/right/loop.py",
    "weighted_plain": "exercice-1/wrong/plain_mean.py",
    "weighted_misconceptions": "exercice-1/misconceptions.toml",
    "maximum_comprehension": "exercice-2/right/comprehension.py",
    "maximum_zero": "exercice-2/wrong/starts_at_zero.py",
    "maximum_in_place": "exercice-2/wrong/in_place.py",
    "maximum_misconceptions": "exercice-2/misconceptions.toml",
}
_EXAMPLES = {"class": "class.toml", "alice": "answers/alice.py", "bruno": "answers/bruno.py"}


def new_files(layout: Layout, name: str, title: str) -> dict[Path, str]:
    """Return the files of a new assignment; none is written.

    Args:
        layout: the course.
        name: nbgrader's name for it.
        title: what students read.

    Raises:
        LayoutError: the name can't be one, or something of that name is there.
    """
    if not _NAME.fullmatch(name):
        raise LayoutError(f"{name!r} can't be an assignment's name: small letters, digits and _, a letter first.")
    profile = read_profile(layout.root)
    answers = layout.root / profile.folders.answers / name
    files = {"master": layout.masters / name / f"{name}.py"}
    files |= {part: answers / place for part, place in _ANSWERS.items()}
    files |= {part: layout.examples / name / place for part, place in _EXAMPLES.items()}
    for folder in (layout.masters / name, layout.source / name, answers, layout.examples / name):
        if folder.exists():
            raise LayoutError(f"{folder} is there already: choose another name, or take it away.")
    values = {"name": name, "title": title, **_points(profile.scale or USUAL_SCALE)}
    values["answer_suffix"] = profile.naming.answer
    return {
        path: _filled((FOLDER / f"{part}.txt").read_text(encoding="utf-8"), values, profile.naming)
        for part, path in files.items()
    }


def _points(scale: float) -> dict[str, str]:
    """Return what each part is worth: two and nine twentieths for the exercises, three for the question."""
    first, second, third = (scale * share / USUAL_SCALE for share in (8, 9, 3))
    return {
        "points_1": f"{first:g}",
        "points_2": f"{second:g}",
        "points_3": f"{third:g}",
        "half_3": str(third / 2),
        "all": str(float(scale)),
        "some": str(second + third / 2),
    }


def _filled(text: str, values: Mapping[str, str], naming: Naming) -> str:
    def metadata(found: re.Match[str]) -> str:
        kind, name, points = found.groups()
        suffix = {"answer": naming.answer, "written": naming.answer, "check": naming.check}.get(kind, "")
        marks: dict[str, object] = {
            "grade": kind in ("check", "written"),
            "grade_id": name + suffix,
            "locked": kind in ("locked", "check"),
            "schema_version": 3,
            "solution": kind in ("answer", "written"),
            "task": False,
        }
        if points:
            marks["points"] = json.loads(values[points])
        return f"nbgrader={json.dumps(dict(sorted(marks.items())))}"

    return _VALUE.sub(lambda found: values.get(found[1], found[0]), _MARK.sub(metadata, text))
