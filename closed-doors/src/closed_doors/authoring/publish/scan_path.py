"""Scanning what lies somewhere on a disk: a folder that is about to be uploaded, a zip that somebody sent."""

import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from closed_doors.authoring.leak_scan.approvals import Shown, read_shown
from closed_doors.authoring.leak_scan.finding import Finding, Place
from closed_doors.authoring.leak_scan.folder_texts import FolderReader
from closed_doors.authoring.leak_scan.master_secrets import Secrets
from closed_doors.authoring.leak_scan.scan import scan
from closed_doors.authoring.publish.gate import Gate
from closed_doors.core.assignment_files import OWN_PLACE
from closed_doors.core.errors import LayoutError
from closed_doors.core.layout import Layout
from closed_doors.core.profile import read_profile
from closed_doors.nbgrader.settings import read_settings


def scan_path(gate: Gate, layout: Layout, path: Path) -> tuple[list[Finding], list[str]]:
    """Return what leaks from a folder, a zip or a file, and the assignments that it was compared with.

    Those are the ones whose notebooks it holds; all of the course's where it holds none of them.
    """
    if path.suffix == ".zip":
        return _scan_zip(gate, layout, path)
    held = {found.stem for found in ([path] if path.is_file() else path.rglob("*.ipynb"))}
    masters = {name: gate.masters(name) for name in layout.assignments()}
    names = [name for name in masters if held & set(masters[name])] or list(masters)
    notebooks = {stem: notebook for name in names for stem, notebook in masters[name].items()}
    approvals = [read_shown(layout.masters, name) for name in names]
    shown = Shown(
        frozenset().union(*(approval.texts for approval in approvals)),
        frozenset().union(*(approval.files for approval in approvals)),
    )
    own = (*read_profile(layout.root).packages.own, OWN_PLACE)
    reader = FolderReader(notebooks, _packages(path, own))
    if path.is_file():
        reader.file(Place(str(path)), PurePosixPath(path.name), path.read_bytes())
    else:
        reader.folder(path, str(path))
    private, markers = (layout.root, Path.home()), read_settings(layout.root).delimiters.own
    return scan(reader.contents, Secrets(list(notebooks.values())), shown, private=private, markers=markers), names


def _packages(path: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return where the course's packages stand in a folder: at its top, or in folders of its own below."""
    found = (folder for name in names for folder in path.rglob(name) if (folder / "__init__.py").exists())
    return tuple(folder.relative_to(path).as_posix() for folder in found)


def _scan_zip(gate: Gate, layout: Layout, path: Path) -> tuple[list[Finding], list[str]]:
    """Unpack a zip and scan it, so that a bundle's packages are known for what they are."""
    with tempfile.TemporaryDirectory(prefix="scan-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                archive.extractall(folder)
        except (zipfile.BadZipFile, RuntimeError, OSError) as error:
            raise LayoutError(f"{path} can't be read as a zip ({error}).") from error
        findings, names = scan_path(gate, layout, Path(folder))
        renamed = [
            Finding(_moved(finding.place, folder, f"{path}!"), finding.reason, finding.remedy) for finding in findings
        ]
    return renamed, names


def _moved(place: Place, old: str, new: str) -> Place:
    return Place(place.file.replace(f"{old}/", new), place.cell, place.number, place.part)
