"""What is wrong with what an assignment's code may import: modules that give an answer away, versions that differ."""

import importlib.metadata
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from closed_doors.authoring.leak_scan.finding import Finding, Place
from closed_doors.classroom.fingerprint import imported_libraries
from closed_doors.core.declared_versions import DeclaredVersions, declared_versions, distributions_of
from closed_doors.core.errors import CourseError
from closed_doors.core.layout import Layout
from closed_doors.core.profile import PROFILE_NAME, read_profile
from closed_doors.nbgrader.handed_out import handed_out

ALWAYS_THERE = frozenset({"ipython", "ipykernel"})  # wherever a notebook runs


def examine_files(layout: Layout, assignment: str) -> Iterator[Finding]:
    """Yield what is wrong with an assignment's files and libraries."""
    place = Place(f"source/{assignment}")
    for name in sorted(set(read_profile(layout.root).assignments) - set(layout.assignments())):
        yield Finding(Place(PROFILE_NAME), f"[assignments.{name}] is no assignment of the course", "mend its name")
    try:
        files = handed_out(layout.root, assignment)
        declared = declared_versions(layout.root)
    except CourseError as error:
        yield Finding(place, str(error), "see there")
        return
    masters = [(path.stem, path.read_bytes()) for path in sorted((layout.source / assignment).glob("*.ipynb"))]
    yield from _libraries(place, distributions_of(imported_libraries(masters, files)), declared)


def _libraries(place: Place, used: set[str], declared: DeclaredVersions) -> Iterator[Finding]:
    told = {name for name in used if declared.declares(name)}
    for sentence in declared.unmet(sorted(told)):
        yield Finding(place, sentence.rstrip("."), "install what the course declares, or change what it declares")
    if declared.libraries:
        for name in sorted(used - told - ALWAYS_THERE - _required_by_the_grader()):
            yield Finding(place, f"it imports {name}, which {declared.file} does not declare", "declare it there")


def _required_by_the_grader() -> frozenset[str]:
    """Return what comes along with the grader: its own requirements say which versions."""
    every = map(Requirement, importlib.metadata.requires("closed-doors") or ())
    wanted = (each for each in every if each.marker is None or each.marker.evaluate({"extra": ""}))
    return frozenset(canonicalize_name(each.name) for each in wanted)
