"""Which cells an assignment has, by the gradebook and by its masters, and how the two differ."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from closed_doors.nbgrader import gradebook_tables as tables
from closed_doors.notebook.cell import cells_of
from closed_doors.notebook.json_files import Notebook

Place = tuple[str, str]  # notebook and grade_id


@dataclass(frozen=True, slots=True)
class Shape:
    """What a graded cell is.

    Attributes:
        points: what it is worth.
        cell_type: code or markdown.
        answer: whether it is an answer that a person marks.
        task: whether it is a task, of which a person marks what stands around it.
    """

    points: float
    cell_type: str
    answer: bool = False
    task: bool = False

    @property
    def kind(self) -> tuple[str, bool, bool]:
        """All of it but the points."""
        return self.cell_type, self.answer, self.task


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A cell as students get it."""

    cell_type: str
    locked: bool
    source: str
    checksum: str | None


@dataclass(frozen=True, slots=True)
class NotebookStructure:
    """The cells of a notebook.

    Attributes:
        kernelspec: nbgrader's note of it.
        graded: by grade_id.
        solutions: grade_ids of answers.
        sources: what students get, by grade_id.
    """

    kernelspec: str | None = None
    graded: dict[str, Shape] = field(default_factory=dict)
    solutions: set[str] = field(default_factory=set)
    sources: dict[str, SourceRow] = field(default_factory=dict)


Structure = dict[str, NotebookStructure]


@dataclass(frozen=True, slots=True)
class Differences:
    """How the graded cells of masters differ from those that work was graded with.

    Attributes:
        taken_out: what is graded no more, with its points.
        added: what is graded anew, with its points.
        retyped: what became text, code or another kind of cell.
        worth: points before and after, of cells that are worth another number of points.
    """

    taken_out: dict[Place, float]
    added: dict[Place, float]
    retyped: tuple[Place, ...]
    worth: dict[Place, tuple[float, float]]

    def __bool__(self) -> bool:
        return bool(self.taken_out or self.added or self.retyped or self.worth)

    @property
    def of_cells(self) -> bool:
        """Whether there are other cells, and not only other points."""
        return bool(self.taken_out or self.added or self.retyped)

    def sentences(self, renamed: Mapping[Place, str]) -> list[str]:
        """Return each difference in words.

        Args:
            renamed: the new names of cells that only have another name now, by notebook and old name.
        """
        new = {(notebook, name) for (notebook, _), name in renamed.items()}
        return [
            *(f"renamed: {place[1]} is now {name}" for place, name in renamed.items()),
            *(f"taken out: {p[1]} ({worth:g} points)" for p, worth in self.taken_out.items() if p not in renamed),
            *(f"added: {p[1]} ({worth:g} points)" for p, worth in self.added.items() if p not in new),
            *(f"another kind of cell: {place[1]}" for place in self.retyped),
            *(f"points: {place[1]}, {old:g} before, {now:g} now" for place, (old, now) in self.worth.items()),
        ]


def graded_shapes(structure: Structure) -> dict[Place, Shape]:
    """Return the graded cells of all notebooks."""
    return {(name, cell): shape for name, book in structure.items() for cell, shape in book.graded.items()}


def master_shapes(masters: Iterable[tuple[str, Notebook]]) -> dict[Place, Shape]:
    """Return the graded cells of masters, given by name."""
    found = {}
    for name, notebook in masters:
        for cell in cells_of(notebook):
            if cell.is_graded or cell.is_task:
                answer = cell.is_answer and not cell.is_task
                found[name, cell.grade_id] = Shape(cell.points, cell.kind, answer, cell.is_task)
    return found


def differences(before: Mapping[Place, Shape], now: Mapping[Place, Shape]) -> Differences:
    """Compare the graded cells of the gradebook with those of the masters."""
    both = [place for place in now if place in before]
    return Differences(
        {place: shape.points for place, shape in before.items() if place not in now},
        {place: shape.points for place, shape in now.items() if place not in before},
        tuple(place for place in both if before[place].kind != now[place].kind),
        {
            place: (before[place].points, now[place].points)
            for place in both
            if before[place].points != now[place].points
        },
    )


def find_renamed(before: Structure, now: Structure, earlier: Mapping[Place, str]) -> dict[Place, str]:
    """Return the new names of cells that differ in their grade_id and in nothing else, by notebook and old name.

    Two candidates for one cell are none: nothing is guessed. A cell that was renamed and has its first name again is
    the same one, whatever else differs.

    Args:
        before: the cells that the gradebook has.
        now: those of the masters.
        earlier: the new names of cells that were renamed before.
    """
    found = {}
    for name, book in now.items():
        old = before.get(name, NotebookStructure())
        gone = _by_content(old, old.sources.keys() - book.sources.keys())
        came = _by_content(book, book.sources.keys() - old.sources.keys())
        for content, names in gone.items():
            if len(names) == 1 and len(came.get(content, ())) == 1:
                found[name, names[0]] = came[content][0]
    there, were = _places(now), _places(before)
    back = names_back(earlier, there)
    return found | {place: name for place, name in back.items() if place in were and (place[0], name) not in were}


def names_back(renamed: Mapping[Place, str], there: Collection[Place]) -> dict[Place, str]:
    """Return the names that cells have again, by notebook and the name that they had meanwhile.

    Args:
        renamed: the new names of cells that were renamed, by notebook and old name.
        there: the cells that there are.
    """
    return {
        (notebook, new): old
        for (notebook, old), new in renamed.items()
        if (notebook, old) in there and (notebook, new) not in there
    }


def structure_in(db: sa.Connection, assignment: str) -> Structure:
    """Return the notebooks and cells of an assignment, by a connection that is open."""
    if not sa.inspect(db).has_table(tables.assignment.name):
        return {}
    book, cell = tables.notebook, tables.cell
    of_assignment = tables.assignment.c.name == assignment
    join = tables.assignment.c.id == book.c.assignment_id
    query = sa.select(book.c.name, book.c.kernelspec).join_from(book, tables.assignment, join).where(of_assignment)
    found = {name: NotebookStructure(kernelspec) for name, kernelspec in db.execute(query)}

    def cells(*columns: sa.ColumnElement[object]) -> tables.Query:
        chosen = sa.select(book.c.name.label("notebook"), cell.c.name, *columns)
        return chosen.join_from(cell, book, book.c.id == cell.c.notebook_id).join(tables.assignment, join)

    solutions = cells().where(of_assignment, cell.c.type == "SolutionCell")
    for notebook, name in db.execute(solutions):
        found[notebook].solutions.add(name)
    for table, task in ((tables.points, False), (tables.task_points, True)):
        graded = cells(table.c.max_score, table.c.cell_type).join(table, table.c.id == cell.c.id).where(of_assignment)
        for notebook, name, points, kind in db.execute(graded):
            answer = name in found[notebook].solutions and not task
            found[notebook].graded[name] = Shape(float(points), kind, answer, task)
    source = tables.source
    columns = (source.c.name, source.c.cell_type, source.c.locked, source.c.source, source.c.checksum)
    written = sa.select(book.c.name.label("notebook"), *columns).join_from(
        source, book, book.c.id == source.c.notebook_id
    )
    for notebook, name, *row in db.execute(written.join(tables.assignment, join).where(of_assignment)):
        found[notebook].sources[name] = SourceRow(row[0], bool(row[1]), row[2] or "", row[3])
    return found


def renamed_in(db: sa.Connection, assignment: str) -> dict[Place, str]:
    """Return the new names of cells that were renamed after work was graded, by a connection that is open."""
    table = tables.renamed
    if not sa.inspect(db).has_table(table.name):
        return {}
    query = sa.select(table.c.notebook, table.c.old, table.c.new).where(table.c.assignment == assignment)
    return {(notebook, old): new for notebook, old, new in db.execute(query)}


def set_aside_in(
    db: sa.Connection, assignment: str, students: Collection[str] | None = None
) -> dict[str, dict[Place, tuple[float | None, float]]]:
    """Return what people gave for cells that were taken out: points and points on top, by student and cell.

    Args:
        db: the gradebook.
        assignment: nbgrader's name for it.
        students: only these; all where it is None.
    """
    table = tables.set_aside
    if not sa.inspect(db).has_table(table.name):
        return {}
    columns = (table.c.student_id, table.c.notebook, table.c.cell, table.c.manual_score, table.c.extra_credit)
    found: dict[str, dict[Place, tuple[float | None, float]]] = {}
    where = (table.c.assignment == assignment) & tables.one_of(table.c.student_id, students)
    for student, notebook, cell, points, extra in db.execute(sa.select(*columns).where(where)):
        found.setdefault(student, {})[notebook, cell] = points, extra or 0.0
    return found


def _places(structure: Structure) -> set[Place]:
    return {(name, cell) for name, book in structure.items() for cell in book.sources}


def _by_content(book: NotebookStructure, names: Iterable[str]) -> dict[tuple[object, ...], list[str]]:
    found: dict[tuple[object, ...], list[str]] = {}
    for name in sorted(names):
        row = book.sources[name]
        content = (" ".join(row.source.split()), row.cell_type, book.graded.get(name), name in book.solutions)
        found.setdefault(content, []).append(name)
    return found
