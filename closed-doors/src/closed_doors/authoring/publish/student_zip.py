"""The student bundle: a zip that works wherever it is unpacked, with a plain Jupyter.

It holds the released files, the modules of the course's packages that its notebooks import and no others (the rest may
be another assignment's solution), a read-me, requirements.txt, hashed hints, and a program that says what is missing.
The same content gives the same bytes.
"""

import io
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.specifiers import SpecifierSet

from checks import public_hints
from closed_doors.authoring.publish.installation_program import installation_program
from closed_doors.authoring.publish.read_me import REQUIREMENTS, Handout, read_me
from closed_doors.core.assignment_files import OWN_PLACE
from closed_doors.core.declared_versions import DeclaredVersions, declared_versions
from closed_doors.core.errors import LayoutError
from closed_doors.core.layout import Layout
from closed_doors.core.profile import read_profile
from closed_doors.core.wording import Wording, wording
from closed_doors.nbgrader.handed_out import handed_out
from closed_doors.nbgrader.settings import read_settings
from closed_doors.notebook.imports import imported_modules
from closed_doors.notebook.json_files import parse

FIRST_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A zip to hand out.

    Attributes:
        name: the assignment's name: the zip's, and that of the folder inside.
        files: what stands in that folder, by relative path.
    """

    name: str
    files: dict[str, bytes]

    def data(self) -> bytes:
        """Return the zip: sorted, uncompressed and without dates, so that the same files give the same bytes."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(self.files):
                info = zipfile.ZipInfo(f"{self.name}/{name}", FIRST_DAY)
                info.create_system, info.external_attr = 3, 0o100644 << 16
                archive.writestr(info, self.files[name])
        return buffer.getvalue()

    def unpack(self, folder: Path) -> Path:
        """Write the bundle's folder under another, and return it."""
        for name, data in self.files.items():
            path = folder / self.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder / self.name


def make_bundle(released: Path, root: Path) -> Bundle:
    """Return the bundle of a released assignment.

    Args:
        released: the folder release/<assignment>.
        root: the course's folder.

    Raises:
        LayoutError: a released file takes the place of one that the bundle brings.
        CourseError: what the notebooks may import can't be found out (see `handed_out`).
    """
    files = {path.relative_to(released).as_posix(): path.read_bytes() for path in released.rglob("*") if path.is_file()}
    notebooks = sorted(name for name in files if name.endswith(".ipynb"))
    modules = dict(handed_out(root, released.name).modules)
    sources = [cell["source"] for name in notebooks for cell in parse(files[name])["cells"] if _is_code(cell)]
    sources += _texts(files | modules)
    packages = sorted({name.split("/")[0] for name in modules})
    declared, profile = declared_versions(root), read_profile(root)
    extras = profile.student_zip
    libraries = requirements(sources, packages, declared, extras.libraries)
    python = declared.python if extras.python is None else SpecifierSet(extras.python)
    handout = Handout(
        assignment=released.name,
        notebooks=notebooks,
        packages=packages,
        stub=read_settings(root).stubs.code.splitlines()[0],
        python=python,
        libraries=libraries,
        indexes=extras.indexes,
    )
    ours = dict(modules)
    words = wording(profile.language)
    ours[REQUIREMENTS] = "\n".join([*_facts(handout, words), *libraries, ""]).encode()
    ours[words.say("student_zip.read_me")] = read_me(handout, words).encode()
    ours[words.say("student_zip.program")] = installation_program(words).encode()
    hints = Layout(root).public_hints(released.name, released.name)
    if hints.is_file():
        ours[f"{OWN_PLACE}/{public_hints.FILE}"] = hints.read_bytes()
    ours |= {name: (root / name).read_bytes() for name in extras.licences if (root / name).is_file()}
    if clash := sorted(set(files) & set(ours)):
        raise LayoutError(f"{released} holds {', '.join(clash)}, which the bundle brings itself; name them otherwise.")
    return Bundle(released.name, files | ours)


def requirements(
    sources: Iterable[str], packages: Iterable[str], declared: DeclaredVersions, tools: Iterable[str]
) -> list[str]:
    """Return what a student must install for this code, bounded as the course itself bounds it.

    Args:
        sources: the code.
        packages: the packages that come along.
        declared: the course's bounds.
        tools: what is needed besides, whatever the code imports.
    """
    tops = {name.split(".")[0] for source in sources for name in imported_modules(source)}
    providers = metadata.packages_distributions()
    wanted = tops.difference(packages, sys.stdlib_module_names)
    names = {providers[top][0].lower() for top in wanted if top in providers}
    return sorted(declared.line(name) for name in names.union(tools))


def _facts(handout: Handout, words: Wording) -> Iterator[str]:
    """Yield what the program that looks at an installation reads besides libraries; pip takes it for comments."""
    yield f"# Python {handout.python}"
    yield f"# {words.say('student_zip.beside')}: {' '.join([*handout.packages, *handout.notebooks])}"


def _is_code(cell: dict[str, object]) -> bool:
    return cell["cell_type"] == "code"


def _texts(files: dict[str, bytes]) -> Iterator[str]:
    return (data.decode("utf-8") for name, data in files.items() if name.endswith(".py"))
