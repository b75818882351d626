"""What a shared server installs for students: the packages that the zips of some assignments hold, in one folder."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from closed_doors.authoring.publish.closing_dates import TooEarly, too_early
from closed_doors.core.errors import LayoutError
from closed_doors.core.files import replace
from closed_doors.core.layout import Layout
from closed_doors.nbgrader.handed_out import handed_out

MARKER = ".course-packages"


@dataclass(slots=True)
class ServerPackages:
    """The modules of some assignments.

    Attributes:
        modules: content by path.
        early: those that hold answers of an assignment which is still open.
    """

    modules: dict[str, bytes] = field(default_factory=dict)
    early: list[TooEarly] = field(default_factory=list)


def server_packages(layout: Layout, assignments: Sequence[str]) -> ServerPackages:
    """Return what assignments hand out together, and what of it is too early.

    A server shows all of it to whoever works on any of them, so an assignment's own answers count too, where another
    hands them out.
    """
    found = ServerPackages()
    for assignment in assignments:
        found.modules |= dict(handed_out(layout.root, assignment).modules)
    found.early = too_early(layout, None, tuple(found.modules.items()))
    return found


def install(packages: ServerPackages, folder: Path) -> None:
    """Write the modules to a folder, and remove what an earlier call wrote and is not handed out any more.

    Raises:
        LayoutError: the folder holds something that this did not write.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise LayoutError(f"{folder} is not empty and holds no packages that `course server` wrote; name another.")
    replace(folder / MARKER, b"Written by `course server`, which removes what is not handed out any more.\n")
    for path in folder.rglob("*.py"):
        if path.relative_to(folder).as_posix() not in packages.modules:
            path.unlink()
    for inside, data in packages.modules.items():
        replace(folder / inside, data)
