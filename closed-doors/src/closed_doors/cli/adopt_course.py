"""`course adopt`: an nbgrader course that is under way goes on behind closed doors."""

import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from closed_doors.cli.init_course import language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from closed_doors.semester.adoption import AdoptedAssignment, Adoption

MOST_NAMES = 12


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@language
@click.option("--no-proof", is_flag=True, help="Do not grade the masters' own solutions: the next run does.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, and nothing else.")
@click.pass_obj
def adopt(root: Path | None, folder: Path | None, language: str, no_proof: bool, dry_run: bool, as_json: bool) -> None:
    """Take over the nbgrader course in FOLDER, by default the current one, in the middle of a semester too.

    Says what changes and what stays, then does it. Marks, marks by hand, comments, times and feedback stay as they are:
    work that nbgrader has graded is not graded again unless it or its tests change. When ungraded work arrived is
    entered into received.csv. Settings that mean something else behind closed doors are named. Each master's own
    solution is graded, and the cells that can't be are listed with the reason. Exits with 1 where something has to be
    mended. The masters run with what a sandbox allows; nbgrader_config.py runs as nbgrader runs it.
    """
    from closed_doors.classroom.course_lock import only_run
    from closed_doors.cli.console import echo, echo_json
    from closed_doors.semester import adoption

    place = (folder or root or Path.cwd()).resolve()
    found = adoption.look(place, language, prove=not no_proof)
    writes = not dry_run and not found.obstacles
    if not as_json:
        for line in _lines(found):
            echo(line)
    with only_run(found.settings) if writes else nullcontext():
        if writes:
            adoption.adopt(found)
    if as_json:
        echo_json(_plain(found, writes))
    else:
        echo(_last_word(found, writes))
    sys.exit(1 if found.obstacles or any(_is_to_mend(one) for one in found.assignments) else 0)


def _lines(found: "Adoption") -> "Iterator[str]":
    yield f"{found.settings.root}"
    yield "What changes:"
    yield from (f"  {line}" for line in _changes(found))
    yield "What stays: marks, marks by hand, comments, times of arrival, due dates, extensions, feedback/, autograded/."
    if found.notices:
        yield "The course's own settings:"
        yield from (f"  {'To be mended first: ' if one.blocks else ''}{one.text}" for one in found.notices)
    for one in found.assignments:
        yield f"{one.name}: {len(one.kept)} graded works kept, {len(one.to_grade)} to be graded{_named(one.to_grade)}"
        yield from (f"  {line}" for line in _about(one))


def _changes(found: "Adoption") -> "Iterator[str]":
    if found.config is not None:
        yield "nbgrader_config.py: the lines that close the doors, below get_config(); to take them out undoes it"
    if found.profile is not None:
        yield "course.toml: new, with its keys explained"
    if times := sum(len(one.arrivals) for one in found.assignments):
        yield f"received.csv: when {times} ungraded works arrived; take a line out where new work is copied in"
    if kept := sum(len(one.kept) for one in found.assignments):
        yield f"the gradebook: a note in a table of its own that the marks of {kept} works stand; verdicts/ too"
    yield "from now on work runs in sandboxes, pages show no hidden test, and the server says when work arrived"


def _about(one: "AdoptedAssignment") -> "Iterator[str]":
    if one.problem:
        yield f"can't be graded here: {one.problem}"
    for notebook, refusal in one.refused:
        yield f"can't be graded: {notebook}.ipynb, {refusal.said()}"
    if one.other_cells:
        cells = "; ".join(one.other_cells)
        yield f"source/ differs from what work was graded with ({cells}): see `course regrade {one.name} --dry-run`"
    for student, why in one.doubtful:
        yield f"enter into received.csv when the work of {student} arrived: {why}"
    for late in one.penalties:
        yield (
            f"the penalty of {late.student} stays what nbgrader gave, {late.given.penalty:g}, while points and "
            f"lateness stay what they are; by the rule it would be {late.by_rule:g} now"
        )


def _named(students: list[str]) -> str:
    more = f" and {len(students) - MOST_NAMES} more" if len(students) > MOST_NAMES else ""
    return f" ({', '.join(students[:MOST_NAMES])}{more})" if students else ""


def _is_to_mend(one: "AdoptedAssignment") -> bool:
    return bool(one.problem or one.refused or one.other_cells or one.doubtful)


def _last_word(found: "Adoption", written: bool) -> str:
    if found.obstacles:
        return "Nothing was written: mend first what is named above."
    if not written:
        return "Nothing was written."
    if any(one.refused for one in found.assignments):
        return (
            "Adopted. `course autograde --grade-the-rest` leaves the cells that can't be graded to a person; "
            "`course try` compares every cell with an ordinary kernel."
        )
    return "Adopted. Next: course status"


def _plain(found: "Adoption", written: bool) -> dict[str, object]:
    return {
        "folder": str(found.settings.root),
        "changes": list(_changes(found)),
        "notices": [asdict(one) for one in found.notices],
        "assignments": [
            {
                "name": one.name,
                "problem": one.problem or None,
                "refused": [{"notebook": notebook, **asdict(refusal)} for notebook, refusal in one.refused],
                "kept": [work.student for work in one.kept],
                "to_grade": one.to_grade,
                "arrivals": {student: f"{at.isoformat()}+00:00" for student, at in one.arrivals.items()},
                "doubtful": dict(one.doubtful),
                "other_cells": one.other_cells,
                "penalties": [asdict(late) for late in one.penalties],
            }
            for one in found.assignments
        ],
        "written": written,
    }
