"""Where things stand in a course repository."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from closed_doors.core.errors import LayoutError
from closed_doors.core.profile import read_profile

CONFIG_NAME = "nbgrader_config.py"


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one course, all under its root."""

    root: Path

    @property
    def masters(self) -> Path:
        """Masters as text: masters/<assignment>/<notebook>.py."""
        return self.root / "masters"

    @property
    def source(self) -> Path:
        """Masters as notebooks: source/<assignment>/<notebook>.ipynb."""
        return self.root / "source"

    @property
    def release(self) -> Path:
        """Student versions, generated: release/<assignment>/."""
        return self.root / "release"

    @property
    def solutions(self) -> Path:
        """Corrected versions, generated: solutions/<assignment>/."""
        return self.root / "solutions"

    @property
    def bundles(self) -> Path:
        """Student bundles: dist/<assignment>.zip."""
        return self.root / "dist"

    @property
    def examples(self) -> Path:
        """Demo classes: examples/<assignment>/."""
        return self.root / "examples"

    @property
    def answers(self) -> Path:
        """Labelled right and wrong answers: <assignment>/<exercise>/ in the folder that the course's profile names."""
        return self.root / read_profile(self.root).folders.answers

    def notebook(self, assignment: str) -> Path:
        """The master of an assignment of one notebook."""
        return self.source / assignment / f"{assignment}.ipynb"

    def hints(self, assignment: str, notebook: str) -> Path:
        """What is known of wrong answers to a notebook (see `closed_doors.grading.hints.matching`)."""
        return self.masters / assignment / f"{notebook}.hints.json"

    def public_hints(self, assignment: str, notebook: str) -> Path:
        """What of them goes to students, hashed (see `closed_doors.authoring.hint_writing.public_hints_file`)."""
        return self.masters / assignment / f"{notebook}.pistes.json"

    def assignments(self) -> list[str]:
        """Names of the assignments, in alphabetical order."""
        return sorted(path.name for path in self.source.glob("*/") if any(path.glob("*.ipynb")))

    def require(self, assignment: str, known: list[str] | None = None) -> str:
        """Return the assignment's name, or raise LayoutError that offers the nearest of those that are known."""
        known = self.assignments() if known is None else known
        if assignment in known:
            return assignment
        near = get_close_matches(assignment, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else f" Known assignments: {', '.join(known) or 'none'}."
        raise LayoutError(f"There is no assignment {assignment!r} under {self.source}.{hint}")


def find_course(start: Path | None = None) -> Layout:
    """Return the layout of the course that holds `start` (default: the working directory).

    Raises:
        LayoutError: no folder from `start` upwards holds an nbgrader_config.py and a source folder.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / CONFIG_NAME).is_file() and (folder / "source").is_dir():
            return Layout(folder)
    raise LayoutError(
        f"{here} is not inside a course: no folder from there upwards holds {CONFIG_NAME} and source/. "
        "Go to the course's folder, or name it with --root."
    )
