"""`course doctor ASSIGNMENT`: all that can be found wrong with the masters of an assignment."""

import re
from collections.abc import Callable, Iterator

from closed_doors.authoring.doctor.master_rules import cells_of, examine
from closed_doors.authoring.leak_scan.finding import Finding, Place
from closed_doors.authoring.publish.bits_over_budget import bits_over_budget
from closed_doors.authoring.publish.masters import Newer, differences, pairs
from closed_doors.authoring.publish.names_defined_twice import names_defined_twice
from closed_doors.core.layout import Layout
from closed_doors.core.profile import read_profile
from closed_doors.nbgrader.settings import inside_cells, read_settings
from closed_doors.notebook.json_files import parse

Step = Callable[[str], None]


def diagnose(layout: Layout, assignment: str, run: bool, step: Step) -> Iterator[Finding]:
    """Yield what is wrong with an assignment's masters.

    Args:
        layout: the course.
        assignment: its name.
        run: whether to execute its notebooks too.
        step: called with what is being done.
    """
    from closed_doors.authoring.doctor.house_rules import examine_house
    from closed_doors.authoring.doctor.import_rules import examine_files
    from closed_doors.authoring.doctor.undefined_names import examine_names

    delimiters, profile = read_settings(layout.root).delimiters, read_profile(layout.root)
    yield from examine_files(layout, assignment)
    yield from _two_sides(layout, assignment)
    known = sorted(_used_elsewhere(layout, assignment))
    for path in sorted((layout.source / assignment).glob("*.ipynb")):
        name = f"source/{assignment}/{path.name}"
        cells = cells_of(path, name, delimiters)
        step(f"reading {path.name}")
        yield from examine(cells, profile, known if path.stem == assignment else ())
        yield from examine_house(cells, profile)
        yield from examine_names(cells)
        master = delimiters.normalised(parse(path.read_bytes()))
        yield from names_defined_twice(master, name)
        yield from bits_over_budget(master, name, inside_cells(layout.root, assignment))
        if run:
            from closed_doors.authoring.doctor.run_rules import examine_run

            step(f"running {path.name}, solved")
            yield from examine_run(path, cells)


def _two_sides(layout: Layout, assignment: str) -> Iterator[Finding]:
    """Yield where masters/ and source/ differ: one of them is what the author sees, the other what is graded by."""
    for pair in pairs(layout):
        if pair.notebook.parent.name == assignment and pair.text.exists():
            for difference in differences(pair):
                newer = "masters" if pair.newer is Newer.TEXT else "source"
                remedy = f"`course sync {assignment}` takes {newer}/, which was saved last; --from names the other"
                yield Finding(Place(str(pair.text.relative_to(layout.root))), difference, remedy)


def _used_elsewhere(layout: Layout, assignment: str) -> Iterator[str]:
    """Yield the grade_ids that demo students' answers and the labelled answers name."""
    for path in (layout.examples / assignment / "answers").glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if (title := re.match(r"# %% (?:\[markdown\] )?([a-z0-9-]+)\s*$", line)) is not None:
                yield title[1]
    naming = read_profile(layout.root).naming
    for folder in (layout.answers / assignment).glob("*/"):
        if folder.is_dir() and not folder.name.startswith(("_", ".")):
            yield f"{folder.name}{naming.answer}"
