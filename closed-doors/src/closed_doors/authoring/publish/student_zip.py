"""The student bundle: a zip that works wherever it is unpacked, with a plain Jupyter.

It holds the released files, the modules of the course's packages that its notebooks import and no others (the rest may
be another assignment's solution), a read-me and requirements.txt. The same content gives the same bytes.
"""

import functools
import io
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.specifiers import SpecifierSet

from closed_doors.core.declared_versions import DeclaredVersions, declared_versions
from closed_doors.core.errors import LayoutError
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
    declared = declared_versions(root)
    ours = dict(modules)
    ours["requirements.txt"] = "".join(f"{line}\n" for line in requirements(sources, packages, declared)).encode()
    profile = read_profile(root)
    words = wording(profile.language)
    stub = read_settings(root).stubs.code.splitlines()[0]
    text = _read_me(words, released.name, notebooks, packages, _in_words(words, declared.python), stub)
    ours[words.say("student_zip.read_me")] = text.encode()
    ours |= {name: (root / name).read_bytes() for name in profile.student_zip.licences if (root / name).is_file()}
    if clash := sorted(set(files) & set(ours)):
        raise LayoutError(f"{released} holds {', '.join(clash)}, which the bundle brings itself; name them otherwise.")
    return Bundle(released.name, files | ours)


def requirements(sources: Iterable[str], packages: Iterable[str], declared: DeclaredVersions) -> list[str]:
    """Return what a student must install for this code, bounded as the course itself bounds it.

    Args:
        sources: the code.
        packages: the packages that come along.
        declared: the course's bounds.
    """
    tops = {name.split(".")[0] for source in sources for name in imported_modules(source)}
    providers = metadata.packages_distributions()
    wanted = tops.difference(packages, sys.stdlib_module_names)
    names = {providers[top][0].lower() for top in wanted if top in providers}
    return sorted(declared.line(name) for name in names | {"jupyterlab"})


def _read_me(
    words: Wording, assignment: str, notebooks: Sequence[str], packages: Sequence[str], python: str, stub: str
) -> str:
    title = words.say("student_zip.title", assignment=assignment)
    return words.say(
        "student_zip.text",
        title=title,
        rule="=" * len(title),
        packages=_listed(words, packages) or words.say("student_zip.no_package"),
        package=packages[0] if packages else "…",
        first=notebooks[0] if notebooks else "",
        handed_in=_listed(words, notebooks),
        stub=stub,
        python=python,
    )


def _listed(words: Wording, names: Sequence[str]) -> str:
    return functools.reduce(lambda first, second: words.say("page.and", first=first, second=second), names or ("",))


def _in_words(words: Wording, bounds: SpecifierSet) -> str:
    """Say which Python is needed: in words where there is a lower bound alone."""
    (*others, bound) = sorted(bounds, key=str) or (None,)
    if bound is None:
        return "Python 3"
    if bound.operator == ">=" and not others:
        return words.say("student_zip.python_from", version=bound.version)
    return f"Python {bounds}"


def _is_code(cell: dict[str, object]) -> bool:
    return cell["cell_type"] == "code"


def _texts(files: dict[str, bytes]) -> Iterator[str]:
    return (data.decode("utf-8") for name, data in files.items() if name.endswith(".py"))
