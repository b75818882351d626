"""What the grader knows of a course besides its notebooks: course.toml at the course's root, typed and checked.

Every key is optional, and an ordinary nbgrader course has no such file: the defaults below are for it.

    language = "fr"                         of all that students and TAs read
    scale = 20                              points of an assignment; not checked where it is left out
    demo = "petit"                          the assignment that `course demo` plays
    feedback_by = ["exchange", "moodle"]    where feedback is to be found, as each released notebook says at its end
    [naming]                                grade_ids of an exercise: exercice-1-reponse, exercice-1-verification
    answer = "-reponse"
    check = "-verification"
    [packages]
    own = ["outils"]                        of the course itself, of which students get only what a notebook imports
    warm = ["seaborn"]                      libraries imported before the first submission comes
    [folders]
    answers = "tests/answers"               labelled answers: <folder>/<assignment>/<exercise>/right and wrong
    [student_zip]
    licences = ["LICENSE"]                  files of the root that go along
    python = ">=3.10"                       which Python a student needs, where it is not the course's own bound
    libraries = ["jupyterlab"]              what a student installs whatever the notebooks import
    indexes = { large = "https://…" }       where Linux finds a build of a library that is not for graphics cards
    [requires]                              where no pyproject.toml says it
    python = ">=3.11"
    libraries = ["numpy>=2.0"]
    [assignments.petit]
    closes = 2027-01-15T23:59:00+01:00      until when its answers are kept out of other assignments' zips
    given = ["softmax"]                     names that students may be handed although a solution defines them
    inside = ["frames-check"]               grading cells that run in the student's process: less closed
    weight = 2                              in the total, or within its group; 1 by default, 0 leaves it out
    [total]                                 of a student's marks over the assignments (`course marks`)
    scale = 20                              what it is out of; by default the course's scale, else 20
    round = 0.5                             to the nearest of these steps, halves up; not rounded where it is left out
    [serve]                                 how `course serve` grades what comes in; where it does, notebooks say so
    feedback = "at once"                    or "visible until due", or "after marking by hand"
    tries_a_day = 5                         that are graded for a student; later ones wait for the next day
    counts = "last"                         of a student's hand-ins, or "best"
    quiet = ["08:00-09:30"]                 by the server's clock: work is taken in, and graded afterwards
    [[total.groups]]                        assignments of no group count by themselves
    name = "Devoirs"
    assignments = ["petit", "moyen", "grand"]
    weight = 3
    best = 2                                so many count, or: drop = 1, so many do not; the lowest shares of points go
    [desk]                                  where written answers are marked (`course desk`)
    anonymous = true                        no name is shown before every answer of the assignment is marked
    second_readings = 0.1                   the share of answers that a second person reads too
    [[desk.people]]                         who may mark, by login; whoever may read the course where nobody is named
    name = "camille"
    role = "assistant"                      or "instructor", who may also change a scheme's points and share the class
    [house]                                 what `course doctor` asks of this course's masters, beyond every course's
    headings = true                         one title, and no level of heading is skipped
    cells = 150                             at most
    figure_text = 40                        so many characters at least say what a figure shows; its cell is tagged demo
    [[house.exercises]]                     by the grade_ids of their statements
    cells = 'exercice-[0-9]+'
    says = { "its points" = 'points' }      what a statement says, up to its answer; by a pattern each
    then = { "an outlook" = 'Et après' }    what comes after the answer, before the next exercise
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

from closed_doors.core.errors import ProfileError

PROFILE_NAME = "course.toml"

Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_]\w*$")]
Module = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")]
Suffix = Annotated[str, msgspec.Meta(min_length=1)]
Inside = Annotated[str, msgspec.Meta(pattern=r"^(?!/)(?!.*\.\.)[^\\]+$")]
Bounds = Annotated[str, msgspec.Meta(pattern=r"^\s*(~=|[=!<>]=?)\s*\d[\d.*]*(\s*,\s*(~=|[=!<>]=?)\s*\d[\d.*]*)*\s*$")]
Distribution = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Address = Annotated[str, msgspec.Meta(pattern=r"^https?://\S+$")]
Hours = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]
Pattern = Annotated[str, msgspec.Meta(min_length=1)]  # as `re` reads it
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Naming(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the cells of an exercise are called: the exercise's name and a suffix each."""

    answer: Suffix = "-reponse"
    check: Suffix = "-verification"


class Packages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What notebooks import.

    Attributes:
        own: packages of the course itself; `checks`, which is the grader's, need not be named.
        warm: modules of libraries that are imported once, before the first submission comes.
    """

    own: tuple[Name, ...] = ()
    warm: tuple[Module, ...] = ()


class Folders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where things lie that nbgrader does not know."""

    answers: Inside = "tests/answers"


class StudentZip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes along with a notebook that is handed out, and what students are told to install for it.

    Attributes:
        licences: files of the course's root.
        python: bounds of a student's Python, as pip reads them; the course's own where it is not said.
        libraries: distributions that are needed whatever the notebooks import.
        indexes: address of a package index with a build for processors alone, by the library's name.
    """

    licences: tuple[Inside, ...] = ()
    python: Bounds | None = None
    libraries: tuple[Distribution, ...] = ("jupyterlab",)
    indexes: dict[Distribution, Address] = {}


class Requires(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The versions that the course is written for, as pip reads them."""

    python: str | None = None
    libraries: tuple[str, ...] = ()


class AssignmentFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of one assignment.

    Attributes:
        closes: when work is due at the latest; until then nobody is handed its answers.
        given: names that its solutions define and that students may be handed all the same.
        weight: in the total, or within its group.
        inside: grading cells that run in the student's process, as what they ask for can't be told from outside: less
            closed, and said wherever their marks stand.
    """

    closes: Moment | None = None
    given: tuple[Name, ...] = ()
    weight: Annotated[float, msgspec.Meta(ge=0)] = 1
    inside: tuple[str, ...] = ()


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Assignments that count together in the total.

    Attributes:
        weight: of the group.
        best: how many count, the best ones; None where all do.
        drop: how many do not, the worst ones.
    """

    name: Annotated[str, msgspec.Meta(min_length=1)]
    assignments: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    weight: Annotated[float, msgspec.Meta(ge=0)] = 1
    best: Annotated[int, msgspec.Meta(ge=1)] | None = None
    drop: Annotated[int, msgspec.Meta(ge=0)] = 0


class Total(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"step": "round"}):
    """How a student's marks make one.

    Attributes:
        scale: what the total is out of.
        step: what it is rounded to; None where it is not.
        groups: of assignments.
    """

    scale: Annotated[float, msgspec.Meta(gt=0)] | None = None
    step: Annotated[float, msgspec.Meta(gt=0)] | None = None
    groups: tuple[Group, ...] = ()


class Serve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a grading server treats what comes in.

    Attributes:
        feedback: when students read what was found. "visible until due" tells nothing of hidden tests before each
            student's own deadline; without a due date, before one is set.
        tries_a_day: how many works of a student are graded a day and assignment, which bounds what they can bring out
            of hidden tests.
        counts: which of a student's works.
        quiet: hours in which nothing is graded.
    """

    feedback: Literal["at once", "visible until due", "after marking by hand"] = "at once"
    tries_a_day: Annotated[int, msgspec.Meta(ge=1)] = 5
    counts: Literal["last", "best"] = "last"
    quiet: tuple[Hours, ...] = ()


class DeskPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who marks.

    Attributes:
        name: the login.
        role: an assistant marks; an instructor also changes a scheme's points and shares the class.
    """

    name: Annotated[str, msgspec.Meta(min_length=1)]
    role: Literal["assistant", "instructor"] = "assistant"


class DeskFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the marking desk works.

    Attributes:
        anonymous: whether names are kept until every answer of an assignment is marked.
        second_readings: the share of answers that a second person reads too.
        people: who may mark; everybody who may read the course where nobody is named.
    """

    anonymous: bool = False
    second_readings: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.1
    people: tuple[DeskPerson, ...] = ()


class HouseExercises(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked of some exercises.

    Attributes:
        cells: a pattern of their statements' grade_ids.
        says: patterns of what stands in a statement, or between it and its answer, by what to call it.
        then: the same of what stands after the answer, before the next of these exercises.
    """

    cells: Pattern
    says: dict[str, Pattern] = {}
    then: dict[str, Pattern] = {}


class House(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `course doctor` asks of a course's masters, beyond what it asks of every course's.

    Attributes:
        headings: whether there is one title, and no level of heading is skipped.
        cells: how many there are at most; as many as one likes where it is None.
        figure_text: characters of a figure's alternative text at least; None where figures are looked at as everywhere.
        exercises: kinds of them; every answer belongs to one where some are named.
    """

    headings: bool = False
    cells: Annotated[int, msgspec.Meta(ge=1)] | None = None
    figure_text: Annotated[int, msgspec.Meta(ge=1)] | None = None
    exercises: tuple[HouseExercises, ...] = ()


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The facts of one course; see the head of this file.

    Attributes:
        feedback_by: None where it is not said: by the exchange where a server hands out, else by no way that is known.
        serve: None where nothing says that a server grades what comes in.
    """

    language: Literal["fr", "en"] = "fr"
    scale: Annotated[float, msgspec.Meta(gt=0)] | None = None
    demo: str | None = None
    feedback_by: tuple[Literal["exchange", "moodle"], ...] | None = None
    naming: Naming = Naming()
    packages: Packages = Packages()
    folders: Folders = Folders()
    student_zip: StudentZip = StudentZip()
    requires: Requires = Requires()
    total: Total = Total()
    serve: Serve | None = None
    desk: DeskFacts = DeskFacts()
    house: House = House()
    assignments: dict[str, AssignmentFacts] = {}


Facts = TypeVar("Facts", bound=msgspec.Struct)
SECTIONS: dict[str, type[msgspec.Struct]] = {
    "naming": Naming,
    "packages": Packages,
    "folders": Folders,
    "student_zip": StudentZip,
    "requires": Requires,
    "total": Total,
    "total.groups": Group,
    "serve": Serve,
    "desk": DeskFacts,
    "desk.people": DeskPerson,
    "house": House,
    "house.exercises": HouseExercises,
}
EXPECTED = {
    "": "a table",
    "language": "fr or en",
    "scale": "a number above 0",
    "demo": "an assignment's name",
    "feedback_by": 'a list of "exchange" and "moodle"',
    "naming.answer": "a text that is not empty",
    "naming.check": "a text that is not empty",
    "packages.own": 'a list of packages\' names, such as ["outils"]',
    "packages.warm": 'a list of modules\' names, such as ["numpy.testing"]',
    "folders.answers": "a folder inside the course, such as tests/answers",
    "student_zip.licences": 'a list of files inside the course, such as ["LICENSE"]',
    "student_zip.python": 'a bound as pip reads it, such as ">=3.11"',
    "student_zip.libraries": 'a list of libraries\' names, such as ["jupyterlab"]',
    "student_zip.indexes": "a table of addresses by the library's name",
    "requires.python": 'a bound as pip reads it, such as ">=3.11"',
    "requires.libraries": 'a list of libraries as pip reads them, such as ["numpy>=2.0"]',
    "total.scale": "a number above 0",
    "total.round": "a number above 0, such as 0.5",
    "total.groups.name": "a text that is not empty",
    "total.groups.assignments": 'a list of assignments\' names, such as ["petit"]',
    "total.groups.weight": "a number, 0 or above",
    "total.groups.best": "a whole number, 1 or above",
    "total.groups.drop": "a whole number, 0 or above",
    "serve.feedback": '"at once", "visible until due" or "after marking by hand"',
    "serve.tries_a_day": "a whole number, 1 or above",
    "serve.counts": '"last" or "best"',
    "serve.quiet": 'a list of hours, such as ["08:00-09:30"]',
    "desk.anonymous": "true or false",
    "desk.second_readings": "a number from 0 to 1",
    "desk.people.name": "a login",
    "desk.people.role": "assistant or instructor",
    "house.headings": "true or false",
    "house.cells": "a whole number, 1 or above",
    "house.figure_text": "a whole number, 1 or above",
    "house.exercises.cells": "a pattern of grade_ids, such as 'exercice-[0-9]+'",
    "house.exercises.says": "a table of patterns",
    "house.exercises.then": "a table of patterns",
    "weight": "a number, 0 or above",
    "closes": "a date and time with its zone, such as 2027-01-15T23:59:00+01:00",
    "given": 'a list of Python names, such as ["softmax"]',
}


def read_profile(root: Path) -> Profile:
    """Return the profile of the course in a folder.

    Raises:
        ProfileError: course.toml can't be read, or says what can't be meant: the message names the file, the key, what
            was expected and what came.
    """
    path = root / PROFILE_NAME
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Profile()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"{path} can't be read as TOML: {error}") from error
    facts = data.pop("assignments", {})
    if not isinstance(facts, dict):
        raise ProfileError(f"{path}, key assignments: expected a table for each assignment, got {facts!r}.")
    profile = _decoded(path, "", data, Profile)
    assignments = {name: _decoded(path, f"assignments.{name}", each, AssignmentFacts) for name, each in facts.items()}
    profile = msgspec.structs.replace(profile, assignments=assignments)
    _check(path, profile)
    return profile


def _decoded(path: Path, place: str, data: object, kind: type[Facts]) -> Facts:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise ProfileError(f"{path}, key {_explained(place, data, str(error))}") from error


def _check(path: Path, profile: Profile) -> None:
    if profile.naming.answer == profile.naming.check:
        raise ProfileError(
            f"{path}, key naming.check: expected another suffix than naming.answer, got {profile.naming.check!r}."
        )
    _check_groups(path, profile.total.groups)
    _check_patterns(path, profile.house.exercises)
    for module in profile.packages.warm:
        if module.split(".")[0] in profile.packages.own:
            raise ProfileError(
                f"{path}, key packages.warm: expected modules of libraries, got {module!r} of the course's own: which "
                "of its modules exist depends on the assignment."
            )


def _check_groups(path: Path, groups: Sequence[Group]) -> None:
    owners: dict[str, str] = {}
    for at, group in enumerate(groups):
        key = f"{path}, key total.groups[{at}]"
        for name in group.assignments:
            if name in owners:
                raise ProfileError(
                    f"{key}.assignments: expected each assignment in one group, got {name!r} in {owners[name]!r} too."
                )
            owners[name] = group.name
        many = len(group.assignments)
        if group.best is not None and (group.drop or group.best > many):
            raise ProfileError(f"{key}.best: expected at most {many}, and no drop beside it, got {group.best}.")
        if group.drop >= many:
            raise ProfileError(f"{key}.drop: expected less than the group's {many} assignments, got {group.drop}.")


def _check_patterns(path: Path, exercises: Sequence[HouseExercises]) -> None:
    for at, kind in enumerate(exercises):
        for pattern in (kind.cells, *kind.says.values(), *kind.then.values()):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ProfileError(
                    f"{path}, key house.exercises[{at}]: expected a regular expression, got {pattern!r}: {error}."
                ) from error


def _explained(place: str, data: object, message: str) -> str:
    """Turn msgspec's message ("Expected `int`, got `str` - at `$.scale`") into one that shows the value too."""
    said, _, where = message.partition(" - at ")
    inside = where.strip("`").removeprefix("$").removeprefix(".")
    leaf = re.sub(r"\[\d+\]", "", inside)
    key = ".".join(filter(None, (place, inside)))
    if said.startswith("Object contains unknown field"):
        section = AssignmentFacts if place else SECTIONS.get(leaf, Profile)
        unknown = ".".join(filter(None, (key, said.split("`")[1])))
        return f"{unknown}: unknown; expected one of {', '.join(section.__struct_encode_fields__)}."
    expected = (
        "a table" if leaf in SECTIONS else EXPECTED.get(leaf, said.partition(", got ")[0].removeprefix("Expected "))
    )
    return f"{key}: expected {expected}, got {_shown(_value_at(data, inside))}."


def _value_at(data: object, key: str) -> object:
    """Return the value at msgspec's path, such as `packages.own[0]`."""
    value = data
    for name, index in re.findall(r"(\w+)|\[(\d+)\]", key):
        if index and isinstance(value, list):
            value = value[int(index)]
        elif name and isinstance(value, Mapping):
            value = value.get(name)
    return value


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else repr(value)
