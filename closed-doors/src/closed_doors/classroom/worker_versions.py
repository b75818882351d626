"""What a worker of a cluster says of itself before it gets work.

The function goes to the worker as code, so that a worker without the grader answers too: it may use nothing but the
standard library, and what it imports it imports inside.
"""

from collections.abc import Iterable, Mapping


def versions_here(libraries: tuple[str, ...]) -> dict[str, str]:
    """Return the versions that decide marks, by what has them; a library that is not there has an empty one."""
    import importlib.metadata
    import platform

    found = {"Python": platform.python_version()}
    try:
        from closed_doors.grading.version import GRADING_VERSION

        found["the grader"] = str(GRADING_VERSION)
    except ImportError:
        found["the grader"] = ""
    for library in libraries:
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            found[library] = ""
    return found


def difference(wanted: Mapping[str, str], found: Mapping[str, str]) -> str:
    """Return how a worker's versions differ from the coordinator's, in words; nothing where they don't."""
    return ", ".join(_differs(name, wanted[name], found.get(name, "")) for name in _unlike(wanted, found))


def _unlike(wanted: Mapping[str, str], found: Mapping[str, str]) -> Iterable[str]:
    return (name for name, version in wanted.items() if found.get(name, "") != version)


def _differs(name: str, wanted: str, found: str) -> str:
    return f"{name} is {found or 'not there'} and not {wanted or 'left out'}"
