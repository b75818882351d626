"""Which Python and which libraries a course is written for: declared once, and carried wherever they matter.

The declaration is [requires] in course.toml or, where that says nothing, [project] in the course's pyproject.toml, as
pip reads it. The student's zip takes its requirements from it, the doctor and grading compare it with this machine.
"""

import importlib.metadata
import platform
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from closed_doors.core.errors import ProfileError
from closed_doors.core.profile import PROFILE_NAME, read_profile


@dataclass(frozen=True, slots=True)
class DeclaredVersions:
    """What a course declares.

    Attributes:
        python: bounds of Python's version; empty where it does not say.
        libraries: the line of each library by its distribution's name, as pip reads it.
        file: where they are declared.
    """

    python: SpecifierSet
    libraries: Mapping[str, str]
    file: str = PROFILE_NAME

    def line(self, distribution: str) -> str:
        """Return what pip is told of a library: its bounds where they are declared, else its name alone."""
        return self.libraries.get(canonicalize_name(distribution), distribution)

    def declares(self, distribution: str) -> bool:
        """Whether a library is declared."""
        return canonicalize_name(distribution) in self.libraries

    def unmet(self, distributions: Iterable[str] | None = None) -> Iterator[str]:
        """Yield where this machine is not as declared, a sentence each.

        Args:
            distributions: the libraries to look at; all that are declared by default.
        """
        here = platform.python_version()
        if not self.python.contains(here, prereleases=True):
            yield f"{self.file} declares Python {self.python}, and this is Python {here}."
        for name in self.libraries if distributions is None else distributions:
            requirement = Requirement(self.line(name))
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
                continue
            try:
                version = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                yield f"{self.file} declares {requirement}, which is not installed here."
                continue
            if not requirement.specifier.contains(version, prereleases=True):
                yield f"{self.file} declares {requirement}, and {version} is installed here."


def distributions_of(modules: Iterable[str]) -> set[str]:
    """Return the distributions that provide top-level modules here; a module that nothing provides is left out."""
    found: set[str] = set()
    others: set[str] = set()
    for name in modules:
        try:
            importlib.metadata.version(name)
            found.add(canonicalize_name(name))
        except importlib.metadata.PackageNotFoundError:
            others.add(name)
    if others:
        providers = importlib.metadata.packages_distributions()  # slow, and seldom needed
        found |= {canonicalize_name(each) for name in others for each in providers.get(name, ())}
    return found


def require_declared(root: Path, modules: Iterable[str]) -> None:
    """Refuse to grade with another Python or another library than the course is written for.

    Args:
        root: the course's folder.
        modules: top-level names that its code imports.

    Raises:
        ProfileError: something here is not as the course declares it.
    """
    declared = declared_versions(root)
    wanted = [name for name in sorted(distributions_of(modules)) if declared.declares(name)]
    if unmet := list(declared.unmet(wanted)):
        raise ProfileError(f"{' '.join(unmet)} Install what the course declares, or change what it declares.")


def declared_versions(root: Path) -> DeclaredVersions:
    """Return what the course in a folder declares.

    Raises:
        ProfileError: a bound is not as pip reads it.
    """
    requires = read_profile(root).requires
    if requires.python is not None or requires.libraries:
        return _declared(root / PROFILE_NAME, requires.python or "", requires.libraries)
    path = root / "pyproject.toml"
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
    except FileNotFoundError:
        return DeclaredVersions(SpecifierSet(), {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"{path} can't be read as TOML: {error}") from error
    return _declared(path, project.get("requires-python", ""), project.get("dependencies", ()))


def _declared(path: Path, python: str, lines: Iterable[str]) -> DeclaredVersions:
    try:
        bounds = SpecifierSet(python)
    except InvalidSpecifier as error:
        raise ProfileError(
            f"{path}, key python: expected a bound as pip reads it, such as >=3.11, got {python!r}."
        ) from error
    libraries: dict[str, str] = {}
    for line in lines:
        try:
            requirement = Requirement(line)
        except InvalidRequirement as error:
            raise ProfileError(
                f"{path}, key libraries: expected a library as pip reads it, such as numpy>=2.0, got {line!r}."
            ) from error
        libraries[canonicalize_name(requirement.name)] = str(requirement)
    return DeclaredVersions(bounds, libraries, path.name)
