"""Pack the ungraded lesson for students: python model/hand_out.py [--root COURSE] [--early].

The lesson's model answers an exercise: while an assignment that asks for what a module of it defines is open, there is
no zip, as for any assignment's (`closed_doors.authoring.publish.closing_dates`).
"""

import argparse
from pathlib import Path

import jupytext
import nbformat

from closed_doors.authoring.publish.closing_dates import TooEarly, too_early
from closed_doors.authoring.publish.read_me import REQUIREMENTS
from closed_doors.authoring.publish.student_zip import Bundle, requirements
from closed_doors.core.declared_versions import declared_versions
from closed_doors.core.layout import Layout
from closed_doors.core.profile import read_profile
from closed_doors.nbgrader.handed_out import imported_files

LESSON = "regarder_un_modele"
WEIGHTS = "conteur/conteur.safetensors"
READ_ME = "LISEZMOI.txt"


def lesson_bundle(root: Path) -> tuple[Bundle, list[TooEarly]]:
    """Return the zip of the lesson, and what in it answers an assignment that is open now.

    Args:
        root: the course's folder.
    """
    text = (root / "model" / f"{LESSON}.py").read_text(encoding="utf-8")
    folders = {"attention": root / "src" / "attention", "conteur": root / "model" / "conteur"}
    modules = {path: file.read_bytes() for path, file in sorted(imported_files([text], folders).items())}
    extras = read_profile(root).student_zip
    sources = [text, *(data.decode("utf-8") for data in modules.values())]
    libraries = requirements(sources, folders, declared_versions(root), extras.libraries)
    files = {
        f"{LESSON}.ipynb": _notebook(text),
        WEIGHTS: (root / "model" / WEIGHTS).read_bytes(),
        READ_ME: (root / "model" / READ_ME).read_bytes(),
        REQUIREMENTS: "\n".join([*libraries, ""]).encode(),
        **{name: (root / name).read_bytes() for name in extras.licences if (root / name).is_file()},
    }
    return Bundle(LESSON, files | modules), too_early(Layout(root), None, tuple(modules.items()))


def _notebook(text: str) -> bytes:
    notebook = jupytext.reads(text, fmt="py:percent")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # the same text is the same notebook
    return str(nbformat.writes(notebook)).encode()


def main() -> None:
    """Write the zip, or say why not and leave none."""
    parser = argparse.ArgumentParser(description="Pack the ungraded lesson on the small model for students.")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent, help="the course")
    parser.add_argument("--early", action="store_true", help="write it although it answers an open assignment")
    options = parser.parse_args()
    bundle, early = lesson_bundle(options.root)
    place = Layout(options.root).bundles / f"{LESSON}.zip"
    said = [f"  {each}" for each in early]
    if early and not options.early:
        place.unlink(missing_ok=True)
        print("\n".join([f"{place.name} is held back (--early writes it):", *said]))
        return
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(bundle.data())
    print("\n".join([str(place), *said]))


if __name__ == "__main__":
    main()
