"""Writes masters/<assignment>/<notebook>.hints.json: what every known answer gives to the probes.

The file carries a digest of what it was written from, so that one that is out of date is noticed without running
anything.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from closed_doors.authoring.hint_writing.misconceptions import KnownExercise, read_known
from closed_doors.authoring.hint_writing.public_hints_file import is_made_from, public_hints
from closed_doors.authoring.hint_writing.survey_run import survey
from closed_doors.core.assignment_files import AssignmentFiles
from closed_doors.core.errors import ExecutionError, MasterError
from closed_doors.core.layout import Layout
from closed_doors.core.profile import read_profile
from closed_doors.grading.processes.supervisor import prove
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.protocol.messages import ProbeResult
from closed_doors.nbgrader.handed_out import handed_out
from closed_doors.nbgrader.settings import read_settings
from closed_doors.notebook.json_files import parse
from closed_doors.notebook.plan import Step, plan

Seen = tuple[ProbeResult, ...] | None


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
    path, public = layout.hints(assignment, assignment), layout.public_hints(assignment, assignment)
    if not path.is_file():
        return not any((layout.answers / assignment).glob("*/misconceptions.toml"))
    table = path.read_bytes()
    is_ours = bool(json.loads(table)["sources"] == source_digest(layout, assignment))
    return is_ours and public.is_file() and is_made_from(public.read_bytes(), table)


def write_public_hints(zygote: Zygote, layout: Layout, assignment: str, table: bytes) -> bytes:
    """Return what goes to students of an assignment's hints file; the master's solution says which calls are hidden.

    Args:
        zygote: where the sandboxes come from.
        layout: the course.
        assignment: its name; its notebook has the same.
        table: the content of the hints file.

    Raises:
        ExecutionError: the master's own solution could not be examined.
    """
    settings = read_settings(layout.root)
    master = settings.delimiters.normalised(parse(layout.notebook(assignment).read_bytes()))
    proof = prove(zygote, plan(master, master), settings.deadlines, files=handed_out(layout.root, assignment))
    if not proof.complete:
        raise ExecutionError("What hidden tests ask could not be found out: grading the solution did not end.")
    return public_hints(table, proof.hidden_inputs)


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
        right, wrong = _seen(zygote, steps, exercise, files, f"{exercise.name}{naming.answer}")
        exercises.append(_table(exercise, right, wrong, f"{exercise.name}{naming.check}"))
    return _layout_of(source_digest(layout, assignment), exercises).encode()


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
    if lost := [name for name, row in found.items() if row is None and exercise.misconception_of(name)]:
        raise MasterError(
            f"{exercise.name}: probing wrong/{lost[0]}.py ended its process or took too long, three times. Run "
            "again on a quieter machine, or move the answer to [left_out]."
        )
    return right, found


def _table(exercise: KnownExercise, right: Sequence[Seen], wrong: Mapping[str, Seen], check: str) -> dict[str, object]:
    gathered = [seen for seen in right if seen]
    probes = [_Probe(part, call, gathered, number) for number, (part, call) in enumerate(exercise.probes)]
    rights = [_places(probes, seen) for seen in gathered]
    known = [
        {"name": name, "idea": own, "facets": _places(probes, seen)}
        for name, seen in wrong.items()
        if seen and (own := exercise.misconception_of(name))
    ]
    return {
        "check": check,
        "setup": exercise.setup,
        "ideas": [
            {"id": each.id, "hint": each.hint}
            | {
                name: list(values)
                for name, values in (
                    ("covers", each.covers),
                    ("only_in", each.only_in),
                    ("perhaps_in", each.perhaps_in),
                )
                if values
            }
            for each in exercise.misconceptions
        ],
        "probes": [
            probe.plain([row[0][n] for row in rights], [row[1][n] for row in rights]) for n, probe in enumerate(probes)
        ],
        "known": known,
    }


class _Probe:
    """Numbers what answers give to one probe: each distinct value and each distinct container once.

    Args:
        part: the group of probes that it belongs to.
        call: its expression.
        right: what right answers give to all probes.
        number: its position among them.
    """

    def __init__(self, part: str, call: str, right: Sequence[Sequence[ProbeResult]], number: int) -> None:
        from closed_doors.grading.student.probe_observation import Catalogue  # NumPy

        self._part, self._call = part, call
        self._expects_error = all(seen[number].form.startswith("error") for seen in right)
        self._values = Catalogue()
        self._containers = [""]

    def place(self, given: ProbeResult) -> tuple[int, int, int]:
        """Return the numbers of a value and its container, and whether an argument was changed."""
        from closed_doors.grading.student.probe_observation import Value

        value = Value.of_plain([given.form, given.numbers]).coarse(self._expects_error)
        place = self._values.find(value)
        if place is None:
            place = self._values.add(value)
        if given.container not in self._containers:
            self._containers.append(given.container)
        return place, self._containers.index(given.container), int(given.changes)

    def plain(self, values: Iterable[int], containers: Iterable[int]) -> dict[str, object]:
        """Return the probe as the file holds it, with the numbers of what right answers give."""
        return {
            "part": self._part,
            "call": self._call,
            "expects_error": self._expects_error,
            "right": [sorted(set(values)), sorted({0, *containers})],  # an error or None is held in nothing: no fault
            "containers": self._containers,
            "values": [value.plain() for value in self._values.values],
        }


def _places(probes: Sequence[_Probe], seen: Sequence[ProbeResult]) -> list[list[int]]:
    places = [probe.place(given) for probe, given in zip(probes, seen, strict=True)]
    return [list(column) for column in zip(*places, strict=True)]


def _layout_of(sources: str, exercises: Sequence[Mapping[str, object]]) -> str:
    """Return the file's JSON with a line a probe, a misconception and an answer, so that changes can be read."""

    def line(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def rows(exercise: Mapping[str, object], key: str) -> str:
        found = exercise[key]
        assert isinstance(found, list)
        return f'  "{key}": [\n   ' + ",\n   ".join(map(line, found)) + "\n  ]"

    texts = []
    for exercise in exercises:
        head = f'  "check": {line(exercise["check"])},\n  "setup": {line(exercise["setup"])}'
        texts.append(
            " {\n" + ",\n".join([head, *(rows(exercise, key) for key in ("ideas", "probes", "known"))]) + "\n }"
        )
    return f'{{"sources": {line(sources)}, "exercises": [\n' + ",\n".join(texts) + "\n]}\n"
