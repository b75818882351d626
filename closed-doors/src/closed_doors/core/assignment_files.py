"""What code of an assignment may import or read besides libraries: the one answer to what exists for a student.

`closed_doors.nbgrader.handed_out` finds it in a course. The student's zip, the sandboxes, what a server is given, the
doctor and the fingerprint ask for nothing else.
"""

import ast
import functools
import hashlib
from dataclasses import dataclass

from closed_doors.core.wording import DEFAULT_LANGUAGE

# Content by path, with slashes, beside the notebook: outils/masques.py, data/x.csv.
Files = tuple[tuple[str, bytes], ...]
OWN_PLACE = "checks"  # the grader's own package that notebooks import: in a sandbox it stands where it is installed


@dataclass(frozen=True, slots=True)
class AssignmentFiles:
    """The files of one assignment, besides its notebooks.

    Attributes:
        modules: of the course's packages, those that its notebooks import as they are handed out.
        materials: what else is handed out beside the notebooks.
        reserved: modules that only the instructor's cells import; no student has them.
        packages: the course's packages. Of these nothing exists but what is listed here.
        language: what the processes that run the assignment's code speak, whatever files say.
    """

    modules: Files = ()
    materials: Files = ()
    reserved: Files = ()
    packages: tuple[str, ...] = ()
    language: str = DEFAULT_LANGUAGE

    @property
    def importable(self) -> frozenset[str]:
        """Top-level names that imports find here and nowhere else: the packages, and modules among the materials."""
        helpers = (path.split("/")[0].removesuffix(".py") for path, _ in self.materials if path.endswith(".py"))
        return frozenset((*self.packages, *helpers))

    @property
    def digest(self) -> str:
        """A hash of all that a mark can depend on: of Python, what it says, not how it is laid out or commented."""
        found = hashlib.sha256(repr(self.packages).encode())
        for kind in (self.modules, self.materials, self.reserved):
            found.update(f"{len(kind)}\0".encode())
            for path, data in kind:
                content = meaning(path, data)
                found.update(f"{path}\0{len(content)}\0".encode() + content)
        return found.hexdigest()


NO_FILES = AssignmentFiles()


@functools.lru_cache(maxsize=512)
def meaning(path: str, data: bytes) -> bytes:
    """Return what decides whether a file has changed: of Python code its tree, of anything else its bytes."""
    if not path.endswith(".py"):
        return data
    try:
        return ast.dump(ast.parse(data)).encode()
    except (SyntaxError, ValueError):
        return data
