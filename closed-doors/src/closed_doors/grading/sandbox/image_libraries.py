"""Looks for what a sandbox's image holds: the interpreter, libraries that notebooks may import, programs, fonts.

Libraries are whole distributions. Those that only the grader and its tools need are left out, with what only they
depend on: whatever else somebody has installed, a notebook may import.
"""

import csv
import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

import checks.capture
from closed_doors.grading.sandbox import shared_objects
from closed_doors.grading.sandbox.image_exclusions import Contents, is_left_out, library_folder

GRADER = "closed-doors"
TOOL_EXTRAS = frozenset(("", "cluster", "dev", "lab", "mutation", "postgresql"))
TOOLS = frozenset(("pip", "setuptools", "wheel"))
LAB = re.compile(r"jupyter.*|notebook|nbgrader|nbclient|nbconvert|ipykernel")
# What the warm process itself runs on, and with it the notebooks.
CORE = (
    *("ipython", "matplotlib", "matplotlib-inline", "msgpack", "msgspec", "nh3", "numpy", "packaging", "pygments"),
    *("pyseccomp", "pytest", "traitlets"),
)
# What notebooks import though no course asks for it, and the grader's tools happen to have it installed.
OFTEN_IMPORTED = frozenset(("beautifulsoup4", "ipywidgets", "pyyaml", "requests", "rich", "tqdm"))
PROGRAMS = """
sh bash dash env [ test true false expr seq printf echo sleep date pwd ls cat tac head tail wc sort uniq cut tr tee
mkdir rmdir rm mv cp ln touch chmod stat du df basename dirname realpath readlink mktemp find xargs grep egrep fgrep
sed awk mawk gawk diff cmp file which id whoami groups hostname uname arch nproc free uptime ps pgrep kill pkill timeout
nohup nice yes nl od hexdump xxd base64 md5sum sha1sum sha256sum cksum comm join paste split fold fmt expand unexpand
rev shuf tar gzip gunzip zcat bzip2 xz unzip zip less more tput column bc dc git
""".split()  # noqa: SIM905  (a list of quoted words would be a page long)
FOLDERS = ("/etc/fonts", "/usr/lib/locale/C.utf8", "/usr/share/fonts")


def find() -> Contents:
    """Look for what an image of this interpreter holds."""
    core, others = _distributions()
    site = library_folder() / "site-packages"
    early = [*_interpreter(), *_of_libraries(core, site), *_programs()]
    early += [(str(Path(checks.capture.__file__).parent), str(site / "checks"))]
    early += [(folder, folder) for folder in FOLDERS if Path(folder).is_dir()]
    late = [pair for pair in _of_libraries(others, site) if pair not in set(early)]
    early += _shared_libraries([*early, *late])
    return Contents(tuple(early), tuple(late))


def _interpreter() -> Iterator[tuple[str, str]]:
    """Yield the interpreter's program and library, under the names that a Python in /usr/local has."""
    version = sysconfig.get_python_version()
    program = str(Path(sys.executable).resolve())
    for name in ("python", "python3", f"python{version}"):
        yield program, f"/usr/local/bin/{name}"
    kinds = (sysconfig.get_path(kind).replace(sys.prefix, sys.base_prefix, 1) for kind in ("stdlib", "platstdlib"))
    for base in dict.fromkeys(kinds):
        if Path(base).is_dir():
            yield base, str(library_folder())


def _distributions() -> tuple[list[metadata.Distribution], list[metadata.Distribution]]:
    """Return the distributions that the warm process needs, and the others that notebooks may import."""
    installed = {_plain(found.metadata["Name"]): found for found in metadata.distributions() if found.metadata["Name"]}
    courses = {name for name, found in installed.items() if GRADER in _requirements(found, TOOL_EXTRAS)} | {GRADER}
    tools = set(TOOLS).union(*(_requirements(installed[name], TOOL_EXTRAS) for name in courses & installed.keys()))
    asked = set(OFTEN_IMPORTED).union(*(_requirements(installed[name], ("",)) for name in courses - {GRADER}))
    core = _closure(installed, CORE)
    rest = installed.keys() - _closure(installed, tools - courses)
    others = _closure(installed, {name for name in asked | rest if not LAB.fullmatch(name)} - courses)
    return [installed[name] for name in sorted(core)], [installed[name] for name in sorted(others - core)]


def _closure(installed: dict[str, metadata.Distribution], roots: Iterable[str]) -> set[str]:
    """Return what distributions need, themselves included."""
    found, todo = set[str](), list(roots)
    while todo:
        name = todo.pop()
        if name not in found and name in installed:
            found.add(name)
            todo += _requirements(installed[name], ("",))
    return found


def _requirements(distribution: metadata.Distribution, extras: Iterable[str]) -> set[str]:
    """Return the names of what a distribution needs here."""
    asked = map(Requirement, distribution.requires or ())
    return {
        _plain(each.name)
        for each in asked
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras)
    }


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _of_libraries(distributions: Iterable[metadata.Distribution], site: Path) -> list[tuple[str, str]]:
    pairs = dict[tuple[str, str], None]()
    for distribution in distributions:
        for name in _names(distribution):
            path = Path(str(distribution.locate_file(name)))
            if path.exists():
                pairs[str(path), str(site / name)] = None
    return list(pairs)


def _names(distribution: metadata.Distribution) -> set[str]:
    """Return the files and folders that a distribution has put among the libraries."""
    names = set()
    for row in csv.reader((distribution.read_text("RECORD") or "").splitlines()):
        first = row[0].partition("/")[0]
        if first == "__pycache__":
            names.add(row[0])
        elif first not in ("..", "") and not first.startswith("/") and not first.endswith(".pth"):
            names.add(first)
    return names or set((distribution.read_text("top_level.txt") or distribution.metadata["Name"]).split())


def _programs() -> list[tuple[str, str]]:
    found = ((name, shutil.which(name, path="/usr/bin:/bin")) for name in PROGRAMS)
    return [(str(Path(path).resolve()), f"/usr/bin/{name}") for name, path in found if path is not None]


def _shared_libraries(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the machine's libraries that any of these files ask for, and the programs that load them."""
    files = [path for here, _ in pairs for path in _binaries(Path(here))]
    libraries = shared_objects.closure(files, Path(sys.base_prefix, "lib"))
    places = shared_objects.on_this_machine()
    home = next(iter(places.get("libc.so.6", ())), Path("/usr/lib/libc.so.6")).parent  # where a loader always looks
    loaders = {shared_objects.needs(path).loader for path in files} - {""}
    with_listing = {name: path for name in ("libseccomp.so.2",) for path in places.get(name, ())[:1]}
    further = shared_objects.closure(with_listing.values(), home)
    found = [(str(path.resolve()), str(home / name)) for name, path in {**libraries, **with_listing, **further}.items()]
    found += [(str(Path(loader).resolve()), loader) for loader in sorted(loaders)]
    return [
        *found,
        *((str(Path(path).resolve()), path) for path in ("/sbin/ldconfig", "/etc/ld.so.cache") if Path(path).exists()),
    ]


def _binaries(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders[:] = [name for name in folders if not is_left_out(f"{folder}/{name}", name)]
        yield from (Path(folder, name) for name in files if ".so" in name)
