"""The release gate: nothing reaches release/ that was not generated, scanned and tried beforehand.

    masters and source agree → nbgrader generates into a scratch folder → leak scan of the release, of the corrected
    version and of the bundle → the bundle runs in a plain kernel → behind closed doors, the untouched notebook earns 0
    and the solved one everything → release/, solutions/ and dist/ are replaced

Whatever is found on the way, the last step is not taken.
"""

import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from closed_doors.authoring.leak_scan.approvals import Shown, read_shown
from closed_doors.authoring.leak_scan.finding import Contents, Finding, Place
from closed_doors.authoring.leak_scan.folder_texts import FolderReader
from closed_doors.authoring.leak_scan.master_secrets import Kind, Secrets
from closed_doors.authoring.leak_scan.scan import scan
from closed_doors.authoring.publish.bits_over_budget import bits_over_budget
from closed_doors.authoring.publish.closing_dates import TooEarly, too_early
from closed_doors.authoring.publish.masters import differences, pairs
from closed_doors.authoring.publish.names_defined_twice import names_defined_twice
from closed_doors.authoring.publish.student_zip import Bundle, make_bundle
from closed_doors.core.assignment_files import OWN_PLACE
from closed_doors.core.errors import HostError, MasterError
from closed_doors.core.files import replace as replace_file
from closed_doors.core.files import replacement
from closed_doors.core.layout import Layout
from closed_doors.core.profile import read_profile
from closed_doors.nbgrader.handed_out import handed_out
from closed_doors.nbgrader.settings import inside_cells, read_settings
from closed_doors.notebook.hidden_regions import Delimiters
from closed_doors.notebook.json_files import Notebook, parse

if TYPE_CHECKING:
    from closed_doors.nbgrader.api import NbgraderCourse

CHECKPOINTS = ".ipynb_checkpoints"
Step = Callable[[str], None]


@dataclass(slots=True)
class Checked:
    """What the gate found out about one assignment.

    Attributes:
        assignment: its name.
        findings: what must be mended; none where the assignment may go out.
        images: pictures that a person should look at, since nothing here can read them.
        bundle: the zip for students; None where it could not be made.
        early: modules of the bundle that hold answers of assignments which are still open.
    """

    assignment: str
    findings: list[Finding] = field(default_factory=list)
    images: list[Place] = field(default_factory=list)
    bundle: Bundle | None = None
    early: list[TooEarly] = field(default_factory=list)


class Gate:
    """The gate of one course.

    Args:
        layout: the course.
        step: called with what is being done, for anything that takes time.
    """

    def __init__(self, layout: Layout, step: Step) -> None:
        self._layout = layout
        self._step = step
        self._host: NbgraderCourse | None = None
        self._known: dict[str, tuple[dict[str, Notebook], Secrets, Shown]] = {}

    def check(self, assignment: str, folder: Path, run: bool = True, replaces: bool = False) -> Checked:
        """Generate an assignment into a scratch folder and examine all of it.

        Args:
            assignment: its name.
            folder: the scratch folder; release/ and solutions/ are written under it.
            run: whether its notebooks are executed too; without, only texts are examined.
            replaces: whether release/<assignment> is to be replaced, and what stands there must not be lost in silence.
        """
        checked = Checked(assignment)
        self._step("sync")
        checked.findings += self._sync(assignment)
        self._step("generate")
        try:
            self.host.stage(assignment, folder)
        except HostError as error:
            place = Place(f"source/{assignment}")
            checked.findings.append(
                Finding(place, f"nbgrader refuses it: {str(error).splitlines()[0]}", "mend the master")
            )
            return checked
        self._step("leak scan")
        masters, secrets, shown = self._kept(assignment)
        checked.findings += self._strays_of_source(assignment, masters)
        for stem, master in masters.items():
            file = f"source/{assignment}/{stem}.ipynb"
            checked.findings += names_defined_twice(master, file)
            checked.findings += bits_over_budget(master, file, inside_cells(self._layout.root, assignment))
        released = folder / "release" / assignment
        contents = FolderReader(masters).folder(released, f"release/{assignment}")
        checked.images = contents.images
        checked.findings += self._scan(contents, secrets, shown)
        checked.findings += self._solutions(folder / "solutions" / assignment, f"solutions/{assignment}", assignment)
        checked.findings += self._own_answers(assignment)
        if not checked.findings:
            checked.bundle = make_bundle(released, self._layout.root)
            checked.findings += self._scan(self._added(checked.bundle, released), secrets, shown)
            modules = handed_out(self._layout.root, assignment).modules
            checked.early = too_early(self._layout, assignment, modules)
        if replaces and not checked.findings:
            checked.findings += self._standing(assignment, released)
        if run and checked.bundle is not None and not checked.findings:
            checked.findings += self._trials(assignment, released, checked.bundle)
        return checked

    def examine(self, assignment: str, folder: Path, name: str) -> list[Finding]:
        """Return what leaks from a folder that exists already, such as release/<assignment>, without generating."""
        masters, secrets, shown = self._kept(assignment)
        found = self._scan(FolderReader(masters).folder(folder, name), secrets, shown)
        return [finding for finding in found if not _is_checkpoint(finding)]

    def compare(self, assignment: str, folder: Path) -> list[Finding]:
        """Return where release/ and solutions/ are not what was just generated."""
        found = []
        for name in ("release", "solutions"):
            fresh, committed = folder / name / assignment, self._layout.root / name / assignment
            for path in sorted(_files(fresh) | _files(committed)):
                ours, theirs = fresh / path, committed / path
                if not ours.is_file():
                    what = "stands there, and the master does not generate it"
                elif not theirs.is_file():
                    what = "is missing"
                elif ours.read_bytes() != theirs.read_bytes():
                    what = "is not what the master generates"
                else:
                    continue
                found.append(Finding(Place(f"{name}/{assignment}/{path}"), what, "run `course release` and commit"))
        return found

    def _standing(self, assignment: str, released: Path) -> list[Finding]:
        """Return what is wrong with the release that stands there now and would be replaced."""
        old = self._layout.release / assignment
        if not old.exists():
            return []
        fresh = _files(released)
        remedy = "students may have it: see to it, then release again with --overwrite"
        extra = sorted(path for path in _files(old) - fresh)
        found = [
            Finding(Place(f"release/{assignment}/{path}"), "not generated from the master", remedy) for path in extra
        ]
        leaks = self.examine(assignment, old, f"release/{assignment}")
        return found + [Finding(leak.place, f"already released: {leak.reason}", remedy) for leak in leaks]

    def publish(self, checked: Checked, folder: Path, early: bool) -> Path | None:
        """Put what was checked into release/, solutions/, dist/ and the gradebook.

        Args:
            checked: what the gate found out.
            folder: the scratch folder.
            early: whether the bundle is written although it holds answers of an open assignment.

        Returns:
            The bundle's path; None where it is held back. One that stood there is removed: it is not of this release.
        """
        self._step("publish")
        name = checked.assignment
        self.host.register(name)
        for target in (self._layout.release, self._layout.solutions):
            with replacement(target / name) as fresh:
                shutil.copytree(folder / target.name / name, fresh, dirs_exist_ok=True)
        path = self._layout.bundles / f"{name}.zip"
        if checked.early and not early:
            path.unlink(missing_ok=True)
            return None
        assert checked.bundle is not None
        replace_file(path, checked.bundle.data())
        return path

    def masters(self, assignment: str) -> dict[str, Notebook]:
        """Return the assignment's master notebooks by name."""
        delimiters = self._delimiters
        return {
            path.stem: delimiters.normalised(parse(path.read_bytes()))
            for path in sorted((self._layout.source / assignment).glob("*.ipynb"))
        }

    @functools.cached_property
    def _delimiters(self) -> Delimiters:
        return read_settings(self._layout.root).delimiters

    @property
    def host(self) -> "NbgraderCourse":
        """The course as nbgrader sees it; loading it takes seconds."""
        if self._host is None:
            from closed_doors.nbgrader.api import NbgraderCourse

            self._host = NbgraderCourse(self._layout.root)
        return self._host

    def _sync(self, assignment: str) -> Iterator[Finding]:
        for pair in pairs(self._layout):
            if pair.notebook.parent.name == assignment and (found := differences(pair)):
                place = Place(f"source/{assignment}/{pair.notebook.name}")
                yield Finding(place, f"masters/ and source/ disagree: {'; '.join(found)}", "run `course sync` first")

    def _kept(self, assignment: str) -> tuple[dict[str, Notebook], Secrets, Shown]:
        if assignment not in self._known:
            masters = self.masters(assignment)
            shown = read_shown(self._layout.masters, assignment)
            self._known[assignment] = masters, Secrets(list(masters.values())), shown
        return self._known[assignment]

    def _scan(self, contents: Contents, secrets: Secrets, shown: Shown) -> list[Finding]:
        return scan(contents, secrets, shown, private=(self._layout.root, Path.home()), markers=self._delimiters.own)

    def _added(self, bundle: Bundle, released: Path) -> Contents:
        """Read what the bundle adds to the release."""
        added = {name: data for name, data in bundle.files.items() if not (released / name).exists()}
        with tempfile.TemporaryDirectory(prefix="bundle-") as folder:
            home = Bundle(bundle.name, added).unpack(Path(folder))
            own = (*read_profile(self._layout.root).packages.own, OWN_PLACE)
            return FolderReader({}, own).folder(home, f"dist/{bundle.name}.zip!{bundle.name}")

    def _own_answers(self, assignment: str) -> list[Finding]:
        """Return what the notebooks' own imports would give away."""
        try:
            handed_out(self._layout.root, assignment)
        except MasterError as error:
            return [Finding(Place(f"source/{assignment}"), str(error), "see there")]
        return []

    def _strays_of_source(self, assignment: str, masters: dict[str, Notebook]) -> list[Finding]:
        """Return what has no place in source/, even where nbgrader itself would not copy it."""
        folder = self._layout.source / assignment
        findings = FolderReader(masters).folder(folder, f"source/{assignment}").findings
        return [f for f in findings if not f.place.file.endswith(".ipynb") and not _is_checkpoint(f)]

    def _solutions(self, folder: Path, name: str, assignment: str) -> list[Finding]:
        """Return what the corrected version gives away of the hidden tests, which serve again next year."""
        masters, secrets, shown = self._kept(assignment)
        contents = FolderReader(masters).folder(folder, name)
        answers = {region.cell for region in secrets.regions if region.kind is Kind.SOLUTION}
        contents.texts = [text for text in contents.texts if text[0].cell not in answers or text[0].part != "source"]
        kinds = (Kind.HIDDEN_TESTS, Kind.MARK_SCHEME)
        return scan(contents, secrets, shown, kinds, (self._layout.root, Path.home()), self._delimiters.own)

    def _trials(self, assignment: str, released: Path, bundle: Bundle) -> Iterator[Finding]:
        from closed_doors.authoring.publish.release_trials import solved, unpacked, untouched
        from closed_doors.grading.processes.zygote_handle import warm_zygote

        zygote, deadlines = warm_zygote(), read_settings(self._layout.root).deadlines  # starts while the kernel runs
        self._step("untouched bundle in a plain kernel")
        yield from unpacked(bundle, Place(f"dist/{assignment}.zip"))
        files = handed_out(self._layout.root, assignment)
        for stem, master in self.masters(assignment).items():
            notebook = parse((released / f"{stem}.ipynb").read_bytes())
            self._step("untouched, closed doors")
            place = Place(f"release/{assignment}/{stem}.ipynb")
            yield from untouched(zygote, place, master, notebook, deadlines, files)
            self._step("solved, closed doors")
            yield from solved(zygote, Place(f"source/{assignment}/{stem}.ipynb"), master, deadlines, files)


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder to generate into, and remove it."""
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        yield Path(folder)


def _files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not path.is_dir() and CHECKPOINTS not in path.parts
    }


def _is_checkpoint(finding: Finding) -> bool:
    """Whether a finding only says that Jupyter keeps its own copy of a notebook, which nbgrader leaves out."""
    return CHECKPOINTS in finding.place.file and (
        "hidden file" in finding.reason or "without a master" in finding.reason
    )
