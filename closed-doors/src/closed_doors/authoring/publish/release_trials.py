"""The two proofs by doing: the solved notebook earns every automatic point, the untouched one none."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from checks.report import Kind
from closed_doors.authoring.leak_scan.finding import Finding, Place
from closed_doors.authoring.publish.plain_kernel import plain_python, run_notebook
from closed_doors.authoring.publish.student_zip import Bundle
from closed_doors.core.assignment_files import AssignmentFiles
from closed_doors.core.errors import ExecutionError, HostError
from closed_doors.core.wording import wording
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.examiner.traces import STAFF
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.verdict.remark import sentences
from closed_doors.grading.verdict.verdict import CellVerdict, Graded
from closed_doors.notebook.cell import cell_of
from closed_doors.notebook.json_files import JsonObject, Notebook, joined
from closed_doors.notebook.plan import Role, Step, plan
from closed_doors.notebook.rebuild import rebuild

# What the checks say of an answer that nobody has begun.
EMPTY = (Kind.NOT_WRITTEN, Kind.NOT_DEFINED)


def solved(
    zygote: Zygote, place: Place, master: Notebook, deadlines: Deadlines, files: AssignmentFiles
) -> Iterator[Finding]:
    """Yield what the master's own solutions do not earn, behind closed doors."""
    steps = plan(master, rebuild(master, master).notebook)
    try:
        graded = grade(zygote, steps, deadlines, files=files, solved=steps)
    except ExecutionError as error:
        yield Finding(place, f"the solved notebook can't be graded: {error}", "mend the master")
        return
    for step, spot in _grading(steps, place):
        verdict = graded.verdicts.get(step.index)
        if verdict is None:
            yield Finding(spot, "no verdict: grading the solution did not get there", _remarks(graded))
            continue
        yield from _missed(verdict, spot)
        if verdict.report.points != step.points:
            reason = f"run_tests shares {verdict.report.points:g} points, and nbgrader's metadata say {step.points:g}"
            yield Finding(spot, reason, "write the same number in both")
        elif not verdict.report.criteria and step.points:
            yield Finding(spot, "no test was run", "end the cell with run_tests(points=…)")
    if graded.remarks:
        yield Finding(place, f"grading the solution left remarks: {_remarks(graded)}", "mend the master")


def _missed(verdict: CellVerdict, spot: Place) -> Iterator[Finding]:
    errors = {trace.criterion: trace.error for trace in verdict.traces}
    for criterion in verdict.report.criteria:
        if not criterion.passed:
            said = errors.get(criterion.name) or f"it is {criterion.kind.value}"
            reason = f"the solution misses {criterion.name} (“{criterion.text}”): {said}"
            yield Finding(spot, reason, "mend the solution or the test")


def untouched(
    zygote: Zygote, place: Place, master: Notebook, released: Notebook, deadlines: Deadlines, files: AssignmentFiles
) -> Iterator[Finding]:
    """Yield the points that a notebook earns as it is handed out, behind closed doors."""
    steps = plan(master, rebuild(master, released).notebook)
    solution = plan(master, rebuild(master, master).notebook)
    try:
        graded = grade(zygote, steps, deadlines, files=files, solved=solution)
    except ExecutionError as error:
        yield Finding(place, f"the untouched notebook can't be graded: {error}", "mend the master")
        return
    for step, spot in _grading(steps, place):
        verdict = graded.verdicts.get(step.index)
        if verdict is not None and verdict.earned:
            met = ", ".join(criterion.name for criterion in verdict.report.criteria if criterion.passed)
            reason = f"the untouched notebook earns {verdict.earned:g} of {step.points:g} points ({met})"
            yield Finding(spot, reason, "the answer is given away, or the test asks for nothing")
        elif verdict is not None and step.points and not any(c.kind in EMPTY for c in verdict.report.criteria):
            yield Finding(
                spot, "the checks of an empty answer do not say what is to be written", "call the function first"
            )


def _grading(steps: Sequence[Step], place: Place) -> Iterator[tuple[Step, Place]]:
    for step in steps:
        if step.role is Role.GRADING:
            yield step, Place(place.file, step.grade_id, step.index + 1)


def _remarks(graded: Graded) -> str:
    return " ".join(sentences(graded.remarks, wording(STAFF))) or "run the notebook from top to bottom to see why"


def unpacked(bundle: Bundle, place: Place) -> Iterator[Finding]:
    """Yield what goes wrong where a student unpacks the bundle and runs its notebooks untouched, in a plain Jupyter."""
    with tempfile.TemporaryDirectory(prefix="bundle-") as folder:
        home = bundle.unpack(Path(folder))
        python = plain_python(Path(folder, "python"))
        for path in sorted(home.glob("*.ipynb")):
            spot = Place(f"{place.file}!{bundle.name}/{path.name}")
            try:
                notebook = run_notebook(path, python, Path(folder))
            except HostError as error:
                yield Finding(spot, str(error), "mend the master")
                continue
            yield from _said(notebook, spot)


def _said(notebook: Notebook, place: Place) -> Iterator[Finding]:
    for number, cell in enumerate(notebook["cells"], start=1):
        known = cell_of(cell)
        spot = Place(place.file, known.grade_id, number)
        outputs: list[JsonObject] = cell.get("outputs", [])
        for output in outputs:
            if output["output_type"] == "error":
                reason = f"the untouched cell fails: {output['ename']}: {output['evalue']}"
                yield Finding(spot, reason, "a student must be able to run the notebook as it is")
        if known.role is Role.GRADING and known.points:
            yield from _said_of_nothing(outputs, spot)


def _said_of_nothing(outputs: Sequence[JsonObject], spot: Place) -> Iterator[Finding]:
    """Look at what the checks of an empty answer display."""
    results = [joined(o["data"].get("text/plain", "")) for o in outputs if o["output_type"] == "execute_result"]
    printed = "".join(joined(o["text"]) for o in outputs if o["output_type"] == "stream" and o["name"] == "stdout")
    if "✗" not in printed or "Traceback" in printed:
        yield Finding(spot, "the checks of an empty answer say nothing that helps", "end with run_tests")
    elif results != ["0.0"]:
        yield Finding(spot, f"the untouched cell gives {results}, not 0", "the answer is given away")
