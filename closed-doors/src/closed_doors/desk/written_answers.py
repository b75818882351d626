"""What a student wrote in answer to a question, as HTML that is safe to put into a page, and as text to compare."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from closed_doors.core.wording import Wording
from closed_doors.desk.questions import Question
from closed_doors.nbgrader.settings import Settings
from closed_doors.notebook.cell import Role, cell_of, cells_called
from closed_doors.notebook.json_files import JsonObject, parse
from closed_doors.pages.html.outputs_as_html import Output, outputs
from closed_doors.pages.html.text_as_html import code, markdown

MASK = "▇▇▇"
_SHORTEST_NAME = 3
_MOST_PARTS = 40
_NOTHING = Markup("")


@dataclass(frozen=True, slots=True)
class Part:
    """A cell of the answer.

    Attributes:
        kind: code or text.
        html: its source; of code, empty.
        lines: of code, each line of it.
        outputs: what it displayed.
    """

    kind: str
    html: Markup = _NOTHING
    lines: tuple[Markup, ...] = ()
    outputs: tuple[Output, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it."""
        return not self.html.strip() and not any(line.strip() for line in self.lines)


def autograded_path(settings: Settings, question: Question, student: str) -> Path:
    """Return where a student's graded notebook is."""
    place = question.place
    return settings.folder("autograded", student, place.assignment) / f"{place.notebook}.ipynb"


def read_parts(
    settings: Settings, question: Question, student: str, words: Wording, kept: Sequence[str] = ()
) -> tuple[Part, ...] | None:
    """Return a student's answer; None where there is no graded notebook that can be read.

    Args:
        settings: the course.
        question: which question.
        student: nbgrader's id.
        words: what is said around the answer.
        kept: names that are to be masked wherever they stand.
    """
    try:
        notebook = parse(autograded_path(settings, question, student).read_bytes())
        cells = list(_answer_cells(notebook["cells"], question))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    mask = name_mask(kept)
    return tuple(_part(_masked(cell, mask), words) for cell in cells[:_MOST_PARTS])


def name_mask(names: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds names in a text, in any case; None where there is none to find."""
    found = {name.strip() for name in names}
    found |= {part for name in found for part in re.split(r"[\s.@_-]+", name)}
    known = sorted((re.escape(name) for name in found if len(name) >= _SHORTEST_NAME), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(known)})(?!\w)", re.IGNORECASE) if known else None


def masked_text(text: str, mask: re.Pattern[str] | None) -> str:
    """Return a text with names masked."""
    return mask.sub(MASK, text) if mask else text


def answer_text(path: Path, question: Question) -> tuple[str, str] | None:
    """Return kind and text of an answer without reading the rest of its notebook; None where it can't be read."""
    try:
        wanted = cells_called(question.answers, path.read_bytes())
    except (OSError, ValueError):
        return None
    return (wanted[-1][0], "\n".join(source for _, source in wanted)) if wanted else None


def _answer_cells(cells: Sequence[JsonObject], question: Question) -> Iterator[JsonObject]:
    if question.answers:
        yield from (cell for cell in cells if cell_of(cell).grade_id in question.answers)
        return
    inside = False
    for data in cells:
        cell = cell_of(data)
        if cell.grade_id == question.before:
            inside = True
        elif inside and cell.role is not Role.OWN:
            return
        elif inside and cell.source.strip():
            yield data


def _part(cell: JsonObject, words: Wording) -> Part:
    if cell["cell_type"] == "code":
        return Part("code", lines=code_lines(str(cell["source"])), outputs=outputs(cell, words))
    return Part("text", markdown(str(cell["source"]), words, cell.get("attachments")))


def code_lines(source: str) -> tuple[Markup, ...]:
    """Return code line by line, each with its colours closed at its end."""
    lines, open_class = [], ""
    for line in str(code(source)).split("\n"):
        begun = f'<span class="{open_class}">{line}' if open_class else line
        opened = re.findall(r'<span class="([^"]*)">|(</span>)', begun)
        depth: list[str] = []
        for name, closed in opened:
            if closed:
                depth.pop()
            else:
                depth.append(name)
        open_class = depth[-1] if depth else ""
        lines.append(Markup(begun + "</span>" * len(depth)))  # noqa: S704  (Pygments escapes)
    return tuple(lines)


def _masked(cell: JsonObject, mask: re.Pattern[str] | None) -> JsonObject:
    if mask is None:
        return cell
    shown = {key: value for key, value in cell.items() if key != "outputs"}
    shown["source"] = masked_text(str(cell["source"]), mask)
    if "outputs" in cell:
        shown["outputs"] = _masked_value(cell["outputs"], mask)
    return shown


def _masked_value(value: object, mask: re.Pattern[str]) -> object:
    match value:
        case str():
            return masked_text(value, mask)
        case list():
            return [_masked_value(each, mask) for each in value]
        case dict():
            return {
                key: each if str(key).startswith("image/") else _masked_value(each, mask) for key, each in value.items()
            }
        case _:
            return value
