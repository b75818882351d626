"""What a mark depends on besides the submission and the tests: the course's own code, and the libraries it runs on."""

import hashlib
import importlib.metadata
import importlib.util
import platform
from functools import cache
from pathlib import Path

LIBRARIES = ("numpy", "torch", "ipython", "matplotlib", "pytest", "seaborn")
PACKAGES = (
    "attention",
    "checks",
    "closed_doors.grading.bridge",
    "closed_doors.grading",
    "closed_doors.notebook",
    "closed_doors.grading.sandbox",
)


@cache
def environment() -> str:
    """Return a hash that is the same on all machines where the same work earns the same marks."""
    found = hashlib.sha256(platform.python_version().encode())
    for library in LIBRARIES:
        found.update(f"{library} {importlib.metadata.version(library)}".encode())
    for package in PACKAGES:
        for path in sorted(_folder(package).glob("*.py")):
            found.update(f"{package} {path.name}".encode() + path.read_bytes())
    return found.hexdigest()


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(package)
    return Path(spec.origin).parent
