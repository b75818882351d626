"""Who is in the class: whom the gradebook knows, who has handed something in, and whom Moodle's list names."""

from difflib import get_close_matches

from closed_doors.core.errors import LayoutError
from closed_doors.core.layout import Layout
from closed_doors.moodle.remembered_imports import Store
from closed_doors.nbgrader.gradebook_students import Person, enter_students, read_people
from closed_doors.nbgrader.settings import Settings


def read_class(settings: Settings) -> dict[str, Person]:
    """Return everybody, by id: the gradebook's names go before those of Moodle's list.

    Raises:
        CourseError: the gradebook or Moodle's list can't be read.
    """
    roster = Store(settings.root, "-").roster()
    listed = roster.students.values() if roster else ()
    found = {one.id: (one.id, one.first, one.last, one.email) for one in listed}
    for name in Layout(settings.root).assignments():
        for student, _ in settings.students(name):
            found.setdefault(student, (student, "", "", ""))
    known = read_people(settings.db_url)
    return found | {name: person for name, person in known.items() if name not in found or any(person[1:])}


def require_student(people: dict[str, Person], student: str) -> Person:
    """Return a member of the class.

    Raises:
        LayoutError: nobody has that id; the nearest one is offered.
    """
    if student in people:
        return people[student]
    near = get_close_matches(student, people, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise LayoutError(f"There is no student {student!r} in the class.{hint}")


def enter(settings: Settings, people: list[Person]) -> None:
    """Enter people into the gradebook, which nbgrader makes where there is none.

    Raises:
        CourseError: the gradebook can't be written to; nobody is entered.
    """
    if not enter_students(settings.db_url, people):
        from closed_doors.nbgrader.api import NbgraderCourse  # loads nbgrader: two seconds, once a course

        NbgraderCourse(settings.root).add_students(people)
