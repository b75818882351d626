"""What becomes of the files that one student handed in: the notebooks, what is kept beside them, and what is not."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from closed_doors.moodle.archive import Item
from closed_doors.moodle.names import shown

SUFFIX = ".ipynb"
KEPT = (".csv", ".gif", ".jpeg", ".jpg", ".json", ".md", ".pdf", ".png", ".tsv", ".txt", ".webp")
RESERVED = ("timestamp.txt", "submission_secret.txt")  # nbgrader's own, which a student must not write
ARCHIVES = (".7z", ".gz", ".rar", ".tar", ".tgz", ".xz", ".zip")


@dataclass(slots=True)
class Work:
    """What is put into a student's folder.

    Attributes:
        files: content by path below the folder.
        left_out: files that are not taken, with the reason.
        remarks: what a person should know.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def sort_out(items: Sequence[Item], notebooks: Sequence[str]) -> Work:
    """Choose what is kept of a student's files.

    Args:
        items: the files handed in.
        notebooks: names of the assignment's notebooks, without their suffix.

    Returns:
        Notebooks lie at the top, under their own names: grading takes the one with the master's name, or else the only
        one. Other files keep their subfolders; those that a program or a browser would run are left out.
    """
    work = Work()
    same: dict[str, list[Item]] = {}
    for item in sorted(items, key=lambda item: (len(item.path), item.path)):
        name, suffix = item.path[-1], "." + item.path[-1].rpartition(".")[2].lower()
        if item.plugin != "file":
            work.left_out.append((_label(item), f"it was handed in as {item.plugin}, and files are graded"))
        elif name.startswith(".") or any(part.startswith(".") for part in item.path):
            work.left_out.append((_label(item), "it is hidden"))
        elif suffix == SUFFIX:
            same.setdefault(name.casefold(), []).append(item)
        elif name.lower() in RESERVED:
            work.left_out.append((_label(item), "its name is nbgrader's own"))
        elif any("/".join(item.path[:depth]) in work.files for depth in range(1, len(item.path))):
            work.left_out.append((_label(item), "its folder has the name of a file"))
        elif suffix in KEPT:
            work.files["/".join(item.path)] = item.data
        elif suffix in ARCHIVES:
            work.left_out.append((_label(item), "an archive is not opened; ask for the notebook itself"))
        else:
            work.left_out.append((_label(item), f"files of the kind {shown(suffix)} are not kept"))
    for namesakes in same.values():
        _take_notebook(work, namesakes)
    _judge(work, notebooks)
    return work


def _take_notebook(work: Work, namesakes: Sequence[Item]) -> None:
    """Take the notebook of a name that lies highest; two that differ, side by side, are left for a person."""
    first = namesakes[0]
    highest = [item for item in namesakes if len(item.path) == len(first.path)]
    if any(item.data != first.data for item in highest):
        work.left_out += [(_label(item), "several notebooks of this name differ") for item in namesakes]
        return
    work.files[first.path[-1][: -len(SUFFIX)] + SUFFIX] = first.data
    work.left_out += [
        (_label(item), f"another notebook of this name lies higher up: {_label(first)}")
        for item in namesakes
        if item.data != first.data
    ]


def _judge(work: Work, notebooks: Sequence[str]) -> None:
    """Say what grading will make of the notebooks that are there."""
    there = sorted(name for name in work.files if name.endswith(SUFFIX) and "/" not in name)
    wanted = [f"{name}.ipynb" for name in notebooks]
    missing = [name for name in wanted if name not in there]
    others = [name for name in there if name not in wanted]
    said = ", ".join(map(shown, others))
    if not there:
        work.remarks.append("no notebook was handed in")
    elif len(wanted) == 1 and missing and len(there) == 1:
        work.remarks.append(f"{said} is graded as {wanted[0]}")
    elif missing:
        work.remarks.append(f"{', '.join(missing)} is missing; there is {', '.join(map(shown, there))}")
    elif others:
        work.remarks.append(f"{said} is kept, and not graded")


def _label(item: Item) -> str:
    return shown("/".join(item.path))
