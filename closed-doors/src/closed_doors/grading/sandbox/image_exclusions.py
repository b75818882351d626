"""What a sandbox's image may hold: a list of files and folders and where each goes, and what is left out of folders."""

import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

LEFT_OUT = frozenset(("__pypackages__", "ensurepip", "idlelib", "lib2to3", "site-packages", "tests", "turtledemo"))
NO_CODE = frozenset(("include", "share", "test", "third_party"))  # left out where they are no package
NEVER_READ = (
    *(".a", ".c", ".cpp", ".cu", ".cuh", ".h", ".hpp", ".map", ".opt-1.pyc", ".opt-2.pyc", ".pxd", ".pxi", ".pyi"),
    ".pyx",
)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is copied, as pairs of a path here and a path in the image; a folder stands for all that is in it.

    Attributes:
        early: what the warm process needs before it can import anything.
        late: the rest.
    """

    early: tuple[tuple[str, str], ...]
    late: tuple[tuple[str, str], ...]


def library_folder() -> Path:
    """Return where the interpreter's own library lies in an image."""
    return Path("/usr/local", sys.platlibdir, f"python{sysconfig.get_python_version()}")


def is_left_out(folder: str, name: str) -> bool:
    """Whether a folder of a library is none that a notebook reads: tests, headers, build files."""
    if name in NO_CODE:
        return not Path(folder, "__init__.py").exists() or Path(folder).with_name("os.py").exists()
    return name in LEFT_OUT or name.startswith("config-")


def is_never_read(name: str) -> bool:
    """Whether a file of a library is none that a notebook reads: what it was built from, programs that test it."""
    return name.endswith(NEVER_READ) or (name.startswith("test_") and "." not in name)


def site_folders() -> list[str]:
    """Return where this interpreter's libraries are."""
    return list(dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))))
