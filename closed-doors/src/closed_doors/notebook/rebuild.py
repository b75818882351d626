"""Rebuilds a submission on its master: the notebook is the instructor's, only the answers are the student's.

From the student come the sources of answer cells and of all other cells that are not the master's, which keep their
place. Everything else comes from the master: locked and grading cells, metadata, tags, points, kernelspec, order. So a
deleted test cell is back, a duplicated one is there once, and a changed one is as it was. Nothing that a student wrote
goes unseen: a second copy of an answer is a cell of the student's own, and so is what was written in a locked cell.
"""

import ast
import copy
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from closed_doors.core.wording import DEFAULT_LANGUAGE, Wording, wording
from closed_doors.notebook.cell import OWN_ID, cell_of
from closed_doors.notebook.hidden_regions import Stubs
from closed_doors.notebook.json_files import JsonObject, Notebook
from closed_doors.notebook.pictures import Attachments, Gallery
from closed_doors.notebook.placing import Placement, place
from closed_doors.notebook.recognise import MasterCell, grade_id, master_cells, plain, recognise, recognised_by_content
from closed_doors.notebook.submission_findings import Finding
from closed_doors.notebook.syntax_trees import tree_of, without_magics
from closed_doors.notebook.where_feedback_is import all_that_is_said

MOST_LINES, LONGEST_LINE, ALIKE = 200, 200, 0.6


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The notebook to execute, and what had to be mended on the way.

    Attributes:
        notebook: the master with the student's cells.
        findings: what had to be mended.
        is_placed: whether any of the student's cells is known to be one of the master's; where none is, nobody can say
            what they answer.
    """

    notebook: Notebook
    findings: tuple[Finding, ...]
    is_placed: bool = True


def rebuild(
    master: Notebook, submitted: Notebook, stubs: Stubs | None = None, language: str = DEFAULT_LANGUAGE
) -> Rebuilt:
    """Put a student's answers and own cells into the master.

    Args:
        master: the instructor's notebook, solutions and hidden tests in place (nbformat 4).
        submitted: the notebook handed in; nothing in it is trusted but cell types, sources and pictures.
        stubs: what students find where a solution stood; by default nbgrader's own.
        language: what is said where an answer is missing.

    Returns:
        A new notebook; neither argument is modified. Of an answer that is there several times, the last copy before the
        next cell of the master counts, and the others are cells of the student's own.
    """
    return KnownMaster(master, stubs or Stubs(), language).rebuild(submitted)


class KnownMaster:
    """A master and all that rebuilding on it has to know of it, read once for a class; see `rebuild`."""

    def __init__(self, master: Notebook, stubs: Stubs, language: str = DEFAULT_LANGUAGE) -> None:
        self.notebook = master
        self.words = wording(language)
        self.cells = {cell.name: cell for cell in master_cells(master, stubs)}
        self.answers = frozenset(cell.name for cell in self.cells.values() if cell.is_answer)
        self.plain_texts = {cell.name: plain(cell.text) for cell in self.cells.values()}
        self.order = {name: rank for rank, name in enumerate(self.cells)}
        self.unmarked = Counter(
            (_kind(cell), plain(stubs.handed_out(cell))) for cell in master["cells"] if not grade_id(cell)
        ) + Counter(("markdown", text) for text in all_that_is_said())

    def rebuild(self, submitted: Notebook) -> Rebuilt:
        """Put a student's answers and own cells into the master."""
        return _Rebuilding(self, submitted).done()

    def known_by_content(self, submitted: Notebook) -> dict[int, str]:
        """Return which cells of a notebook are the master's by what is in them, whatever their names, by position."""
        cells = submitted["cells"]
        return recognised_by_content(list(self.cells.values()), cells, [None] * len(cells))

    def is_blank(self, submitted: Notebook) -> bool:
        """Whether nothing was written in a notebook since it was handed out."""
        for cell in _without_unmarked(submitted, self.unmarked):
            given = self.plain_texts.values() if (name := grade_id(cell)) is None else [self.plain_texts.get(name, "")]
            if cell.get("attachments") or plain(str(cell["source"])) not in ("", *given):
                return False
        return True


@dataclass(frozen=True, slots=True)
class _Own:
    """A cell of the student's own."""

    kind: str
    source: str
    attachments: Attachments = field(default_factory=dict)

    @property
    def may_be_an_answer(self) -> bool:
        """Whether a person may have written an answer here: text, or what is no code."""
        return bool(self.source.strip() or self.attachments) and (
            self.kind != "code" or not _does_something(self.source)
        )

    @property
    def is_text(self) -> bool:
        """Whether it is a text that says something, or shows it."""
        return self.kind != "code" and self.may_be_an_answer


class _Rebuilding:
    def __init__(self, master: KnownMaster, submitted: Notebook) -> None:
        self._known = master
        self._master = master.notebook
        self._cells: Sequence[JsonObject] = list(_without_unmarked(submitted, master.unmarked))
        self._masters = master.cells
        self._findings: list[Finding] = []
        self._gallery = Gallery(master.words)

    def done(self) -> Rebuilt:
        names = self._names()
        placement = place(names, self._known.order, self._known.answers)
        own = {anchor: list(self._added(there, names)) for anchor, there in placement.added.items()}
        there = {name for name in names if name in self._masters}
        self._findings += [Finding("missing", name) for name in self._masters if name not in there]
        cells = list(self._merged(placement, own))
        notebook = type(self._master)(self._master | {"cells": cells})
        return Rebuilt(notebook, tuple(self._findings), bool(there))

    def _names(self) -> list[str | None]:
        """Return the master's name for each submitted cell, None for one of the student's own."""
        given = [grade_id(cell) for cell in self._cells]
        seen: set[str] = set()
        for name in given:
            if name is None:
                continue
            if name not in self._masters:
                self._findings.append(Finding("unknown", name))
            elif name in seen:
                self._findings.append(Finding("duplicated", name))
            seen.add(name)
        found = recognise(list(self._masters.values()), self._cells)
        self._findings += [Finding("recognised", name) for name in found.values()]
        return [found.get(at, name if name in self._masters else None) for at, name in enumerate(given)]

    def _added(self, places: Sequence[int], names: Sequence[str | None]) -> Iterator[_Own]:
        """Yield what is to stand as cells of the student's own in one place of the notebook."""
        for at in places:
            cell, name = self._cells[at], names[at]
            if name is not None and not self._masters[name].is_answer:
                written = self._written_in(self._masters[name], cell)
                if written is not None:
                    yield written
            else:
                source, attachments = self._shown(cell, _kind(cell))
                yield _Own(_kind(cell), source, attachments)

    def _written_in(self, master: MasterCell, cell: JsonObject) -> _Own | None:
        """Return what a student added to a locked cell, where it can stand alone."""
        source, attachments = self._shown(cell, _kind(cell))
        given, written = self._known.plain_texts[master.name], plain(source)
        if written == given and not attachments:
            return None
        lines, is_whole = _extra(given, written)
        hidden = set(plain(master.whole).splitlines()) - set(given.splitlines())
        extra = "\n".join(line for line in lines if line not in hidden and not _resembles(line, hidden)).strip("\n")
        if not extra.strip() and not attachments:
            return None
        kind = _kind(cell)
        if kind == "code" and not (is_whole and tree_of(extra) is not None):
            self._findings.append(Finding("overwritten", master.name))
            return None
        self._findings.append(Finding("added", master.name))
        return _Own(kind, extra, attachments)

    def _shown(self, cell: JsonObject, kind: str) -> tuple[str, Attachments]:
        """Return a cell's text and its pictures, those that can't be shown named in their place.

        Args:
            cell: as it was handed in.
            kind: what it is to be.
        """
        if kind == "code":
            return str(cell["source"]), {}
        hung = self._gallery.hang(str(cell["source"]), cell.get("attachments", {}))
        self._findings += [Finding("picture", name) for name in hung.refused]
        return hung.source, hung.attachments

    def _merged(self, placement: Placement, own: Mapping[str | None, Sequence[_Own]]) -> Iterator[JsonObject]:
        numbers = iter(range(sum(map(len, own.values()))))
        before = own.get(None, ())
        written = self._stands_elsewhere(placement, own)
        for cell in self._master["cells"]:
            name = grade_id(cell)
            kept = copy.deepcopy(cell)
            if name:  # cells without a name stand with the one before them, and the student's come after both
                yield from (self._fresh(extra, next(numbers)) for extra in before)
                after = own.get(name, ())
                if self._masters[name].is_answer:
                    beside = any(extra.may_be_an_answer for extra in (*before, *after))
                    self._answer(kept, name, placement.answers.get(name), beside or written)
                before = after
            yield kept
        yield from (self._fresh(extra, next(numbers)) for extra in before)

    def _stands_elsewhere(self, placement: Placement, own: Mapping[str | None, Sequence[_Own]]) -> bool:
        """Whether a text may answer any question that was left alone: it stands beside no answer, or beside such a one.

        Students write all their answers in one cell, at the end of the notebook or on top of it.
        """
        written = {name for name in self._known.answers if not self._is_untouched(name, placement.answers.get(name))}
        names: list[str | None] = [None, *self._masters, None]
        return any(
            written.isdisjoint(beside) and any(extra.is_text for extra in own.get(beside[0], ()))
            for beside in itertools.pairwise(names)
        )

    def _is_untouched(self, name: str, at: int | None) -> bool:
        text = "" if at is None else plain(str(self._cells[at]["source"]))
        return text in ("", self._known.plain_texts[name])

    def _answer(self, cell: JsonObject, name: str, at: int | None, beside: bool) -> None:
        """Fill an answer cell in; one that a person marks and that was left alone points at a text in another cell."""
        kind = cell["cell_type"]
        cell.pop("attachments", None)  # of the model answer
        cell["source"] = _instead(self._known.words, kind, "missing")
        if at is not None:
            given = self._cells[at]
            cell["source"], attachments = self._shown(given, kind)
            if attachments:
                cell["attachments"] = attachments
        untouched = plain(cell["source"]) in ("", self._known.plain_texts[name])
        if beside and untouched and cell_of(cell).is_graded:
            self._findings.append(Finding("beside", name))
            told = _instead(self._known.words, kind, "beside")
            cell["source"] = "\n\n".join(text for text in (cell["source"].strip(), told) if text)

    def _fresh(self, own: _Own, number: int) -> JsonObject:
        """Return a student's own cell with nothing of its metadata."""
        fresh: JsonObject = {"cell_type": own.kind, "id": f"{OWN_ID}{number}", "metadata": {}, "source": own.source}
        if own.kind == "code":
            fresh |= {"execution_count": None, "outputs": []}
        if own.attachments:
            fresh["attachments"] = dict(own.attachments)
        make = type(self._master["cells"][0]) if self._master["cells"] else type(self._master)
        return make(fresh)


def _instead(words: Wording, kind: str, what: str) -> str:
    """Return what stands where an answer is missing, or beside another text; never the master's solution."""
    match kind:
        case "code":
            return words.say(f"notebook.{what}_code")
        case "markdown":
            return words.say(f"notebook.{what}_text")
    return ""


def _without_unmarked(submitted: Notebook, unmarked: Mapping[tuple[str, str], int]) -> Iterator[JsonObject]:
    """Yield the submitted cells but the instructor's own without a grade_id: the master's and the release's last words.

    What stands in the master is the instructor's, marked or not. One that a student has changed is a cell of
    the student's own, beside it, and so is a second copy.
    """
    left = Counter(unmarked)
    for cell in submitted["cells"]:
        said = (_kind(cell), plain(str(cell["source"])))
        if grade_id(cell) is None and left[said] > 0:
            left[said] -= 1
        else:
            yield cell


def _kind(cell: JsonObject) -> str:
    return cell["cell_type"] if cell["cell_type"] in ("code", "markdown") else "raw"


def _extra(handed_out: str, source: str) -> tuple[list[str], bool]:
    """Return the lines that a text has more than what was handed out, and whether all of that is still there."""
    wanted = [line for line in handed_out.splitlines() if line.strip()]
    left = list(reversed(wanted))
    added: list[str] = []
    for line in source.splitlines():
        if left and line == left[-1]:
            left.pop()
        else:
            added.append(line)
    if not left:
        return added, True
    known = set(wanted)
    return [line for line in source.splitlines() if line not in known and not _resembles(line, known)], False


def _resembles(line: str, others: set[str]) -> bool:
    """Whether a line is another version of one of these: an instructor's correction, or a value that was changed."""
    if len(others) > MOST_LINES:
        return False
    return bool(get_close_matches(line[:LONGEST_LINE], [other[:LONGEST_LINE] for other in others], 1, ALIKE))


def _does_something(source: str) -> bool:
    """Whether a cell is Python code that does more than say something; to print a sentence is to say it."""
    if without_magics(source) != source:
        return True
    tree = tree_of(source)
    return tree is not None and not all(isinstance(node, ast.Expr) and _says(node.value) for node in tree.body)


def _says(node: ast.expr) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.Call(func=ast.Name(id="print" | "display" | "Markdown" | "Latex"), args=args):
            return any(isinstance(arg, ast.JoinedStr) or _says(arg) for arg in args)
    return False
