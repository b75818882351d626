"""What becomes of the files that one student handed in: the notebooks, what is kept beside them, and what is not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from closed_doors.moodle.archive import Item
from closed_doors.moodle.people_names import shown
from closed_doors.notebook.which_notebook import Choice, candidate, choose
from closed_doors.notebook.zip_files import ZippedFile, files_in

SUFFIX = ".ipynb"
KEPT = (".csv", ".gif", ".jpeg", ".jpg", ".json", ".md", ".pdf", ".png", ".tsv", ".txt", ".webp")
RESERVED = ("timestamp.txt", "submission_secret.txt")  # nbgrader's own, which a student must not write
ARCHIVES = (".7z", ".gz", ".rar", ".tar", ".tgz", ".xz")
ZIPPED_MIB = 100  # of a student's zip archives together


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


def sort_out(items: Sequence[Item], masters: Mapping[str, frozenset[str]]) -> Work:
    """Choose what is kept of a student's files.

    Args:
        items: the files handed in.
        masters: the grade_ids of the assignment's notebooks, by their names without suffix.

    Returns:
        Notebooks lie at the top, under their own names: grading knows them by their cells. Other files keep their
        subfolders; those that a program or a browser would run are left out. A zip archive is opened.
    """
    work = Work()
    same: dict[str, list[Item]] = {}
    for item in sorted(_unpacked(items, work), key=lambda item: (len(item.path), item.path)):
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
        elif suffix in KEPT or candidate(item.path, item.data):
            work.files["/".join(item.path)] = item.data
        elif suffix in ARCHIVES:
            work.left_out.append((_label(item), "an archive of this kind is not opened; ask for the notebook itself"))
        else:
            work.left_out.append((_label(item), f"files of the kind {shown(suffix)} are not kept"))
    for namesakes in same.values():
        _take_notebook(work, namesakes)
    _judge(work, masters)
    return work


def _unpacked(items: Sequence[Item], work: Work) -> Iterator[Item]:
    """Yield the files, those of a zip archive in a folder of its name in its place."""
    room = ZIPPED_MIB << 20
    for item in items:
        folder, dot, suffix = item.path[-1].rpartition(".")
        if item.plugin != "file" or f"{dot}{suffix}".lower() != ".zip" or folder.startswith("."):
            yield item
            continue
        for file in files_in(item.data, room):
            if isinstance(file, ZippedFile):
                room -= len(file.data)
                yield Item(item.owner, item.plugin, (*item.path[:-1], folder or "zip", *file.path), file.data)
            else:
                path, reason = file
                work.left_out.append((shown("/".join((*item.path, *path))), reason.value))


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


def _judge(work: Work, masters: Mapping[str, frozenset[str]]) -> None:
    """Say what grading will make of the notebooks that are there."""
    found = (candidate(tuple(name.split("/")), data) for name, data in work.files.items())
    choice = choose(masters, [one for one in found if one])
    work.remarks += [*_chosen(choice), *_unclear(choice)]
    missing = [f"{name}{SUFFIX}" for name in masters if name not in choice.chosen and name not in choice.unclear]
    strays = ", ".join(shown(one.name) for one in choice.strays)
    there = ", ".join(sorted(shown(name) for name in work.files))
    if missing and (choice.chosen or choice.unclear or strays):
        work.remarks.append(f"{', '.join(missing)} is missing; there is {there}")
    elif missing:
        work.remarks.append("no notebook was handed in" + (f"; there is {there}" if there else ""))
    elif strays:
        work.remarks.append(f"{strays} is kept, and not graded")


def _chosen(choice: Choice) -> Iterator[str]:
    """Yield remarks on what is graded under another name, and on what is there again."""
    for name, chosen in choice.chosen.items():
        if chosen.path != (f"{name}{SUFFIX}",):
            yield f"{shown(chosen.name)} is graded as {name}{SUFFIX}"
        for other in choice.others.get(name, ()):
            yield f"{shown(other.name)} is {name}{SUFFIX} again; it is kept, and not graded"


def _unclear(choice: Choice) -> Iterator[str]:
    for name, several in choice.unclear.items():
        said = ", ".join(shown(one.name) for one in several)
        yield f"{name}{SUFFIX} may be any of {said}: keep one under that name"


def _label(item: Item) -> str:
    return shown("/".join(item.path))
