"""Writes masters/<assignment>/<notebook>.diagnosis.json: what every known answer gives to the probes.

The file carries a digest of what it was written from, so that one that is out of date is noticed without running
anything.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from closed_doors.authoring.hint_writing.misconceptions import KnownExercise, read_known
from closed_doors.authoring.hint_writing.survey_run import survey
from closed_doors.core.assignment_files import AssignmentFiles
from closed_doors.core.errors import MasterError
from closed_doors.core.layout import Layout
from closed_doors.core.profile import read_profile
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.protocol.messages import ProbeResult
from closed_doors.nbgrader.handed_out import handed_out
from closed_doors.nbgrader.settings import read_settings
from closed_doors.notebook.json_files import parse
from closed_doors.notebook.plan import Step, plan

Seen = tuple[ProbeResult, ...] | None
FACETS = ("value", "container", "changes")


def source_digest(layout: Layout, assignment: str) -> str:
    """Return a hash of all that the file is written from, but the course's own code."""
    found = hashlib.sha256()
    folder = layout.answers / assignment
    files = [
        layout.notebook(assignment),
        *sorted(folder.glob("*/misconceptions.toml")),
        *sorted(folder.glob("*/*/*.py")),
        *layout.answers.glob("misconceptions.toml"),
    ]
    for path in files:
        data = path.read_bytes()
        found.update(f"{path.name}\\0{len(data)}\\0".encode() + data)
    return found.hexdigest()


def is_current(layout: Layout, assignment: str) -> bool:
    """Whether the assignment's file was written from what stands there now."""
    path = layout.diagnosis(assignment, assignment)
    if not path.is_file():
        return not any((layout.answers / assignment).glob("*/misconceptions.toml"))
    return bool(json.loads(path.read_bytes())["sources"] == source_digest(layout, assignment))


def write_tables(zygote: Zygote, layout: Layout, assignment: str, report: Callable[[KnownExercise], None]) -> bytes:
    """Survey an assignment's known answers, and return the content of its file.

    Args:
        zygote: where the sandboxes come from.
        layout: the course.
        assignment: its name; its notebook has the same.
        report: called with each exercise before its answers run.

    Raises:
        MasterError: a misconceptions.toml is wrong, or a right answer gives nothing.
    """
    master = read_settings(layout.root).delimiters.normalised(parse(layout.notebook(assignment).read_bytes()))
    steps = plan(master, master)
    known, files = read_known(layout.answers / assignment), handed_out(layout.root, assignment)
    naming, exercises = read_profile(layout.root).naming, []
    for exercise in known:
        report(exercise)
        seen = _seen(zygote, steps, exercise, files, f"{exercise.name}{naming.answer}")
        exercises.append(_table(exercise, seen, f"{exercise.name}{naming.check}"))
    record = {"sources": source_digest(layout, assignment), "exercises": exercises}
    return _layout_of(record).encode()


def _seen(
    zygote: Zygote, steps: list[Step], exercise: KnownExercise, files: AssignmentFiles, cell: str
) -> tuple[list[Seen], dict[str, Seen]]:
    """Return what right answers gave, and what wrong ones gave by name."""
    before = next((number for number, step in enumerate(steps) if step.grade_id == cell), None)
    if before is None:
        raise MasterError(f"The notebook has no cell {cell!r} for the answers of {exercise.name}.")
    sources = [*exercise.right, *exercise.wrong.values()]
    seen = survey(zygote, steps[:before], sources, exercise.setup, [call for _, call in exercise.probes], files)
    right, wrong = seen[: len(exercise.right)], seen[len(exercise.right) :]
    if not right or None in right:
        raise MasterError(f"{exercise.name}: probing a right answer failed. Do the setup and the probes run at all?")
    found = dict(zip(exercise.wrong, wrong, strict=True))
    if lost := [name for name, row in found.items() if row is None and exercise.idea_of(name)]:
        raise MasterError(
            f"{exercise.name}: probing wrong/{lost[0]}.py ended its process or took too long, three times. Run "
            "again on a quieter machine, or move the answer to [left_out]."
        )
    return right, found


def _table(exercise: KnownExercise, seen: tuple[list[Seen], dict[str, Seen]], check: str) -> dict[str, Any]:
    from closed_doors.grading.student.observation import Catalogue, Value  # NumPy

    right, wrong = seen
    catalogues = [Catalogue() for _ in exercise.probes]
    probes: list[dict[str, Any]] = []
    for number, (part, call) in enumerate(exercise.probes):
        given = [row[number] for row in right if row]
        expects_error = all(result.form.startswith("error") for result in given)
        probes.append({"part": part, "call": call, "expects_error": expects_error, "right": None, "containers": [""]})

    def facets(row: Sequence[ProbeResult]) -> list[list[int]]:
        columns = []
        for probe, catalogue, result in zip(probes, catalogues, row, strict=True):
            value = Value.of_plain([result.form, result.numbers]).coarse(probe["expects_error"])
            place = catalogue.find(value)
            if place is None:
                place = catalogue.add(value)
            if result.container not in probe["containers"]:
                probe["containers"].append(result.container)
            columns.append([place, probe["containers"].index(result.container), int(result.changes)])
        return [list(column) for column in zip(*columns, strict=True)]

    rights = [facets(row) for row in right if row]
    for number, probe in enumerate(probes):
        values, held = ({row[facet][number] for row in rights} for facet in range(2))
        probe["right"] = [sorted(values), sorted(held | {0})]  # an error or None is held in nothing: no fault
    known = [
        {"name": name, "idea": idea, "facets": facets(row)}
        for name, row in wrong.items()
        if row and (idea := exercise.idea_of(name))
    ]
    for probe, catalogue in zip(probes, catalogues, strict=True):
        probe["values"] = [value.plain() for value in catalogue.values]
    return {
        "check": check,
        "setup": exercise.setup,
        "ideas": [
            {"id": i.id, "hint": i.hint} | ({"covers": list(i.covers)} if i.covers else {}) for i in exercise.ideas
        ],
        "probes": probes,
        "known": known,
    }


def _layout_of(record: dict[str, Any]) -> str:
    """Return the record as JSON with a line a probe, an idea and an answer, so that changes can be read."""

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    exercises = []
    for exercise in record["exercises"]:
        lists = [
            f'  "{key}": [\n   ' + ",\n   ".join(map(line, exercise[key])) + "\n  ]"
            for key in ("ideas", "probes", "known")
        ]
        head = f'  "check": {line(exercise["check"])},\n  "setup": {line(exercise["setup"])}'
        exercises.append(" {\n" + ",\n".join([head, *lists]) + "\n }")
    return f'{{"sources": {line(record["sources"])}, "exercises": [\n' + ",\n".join(exercises) + "\n]}\n"
