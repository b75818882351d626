"""Draws the rooms of closed_doors and who imports whom, from the code itself: rooms.svg beside this file.

    python closed-doors/docs/draw_rooms.py      or: make diagram

Floors, bottom to top, are those that pyproject.toml's contracts hold (`[tool.importlinter]`); arrows are the imports,
less those that others imply: who imports a room that imports another one has no arrow of its own to that one. A pointer
that rests on a room is told all of them.
"""

import ast
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from pathlib import Path
from textwrap import wrap

HERE = Path(__file__).resolve().parent
SRC = HERE.parent / "src"
CONTRACTS = HERE.parents[1] / "pyproject.toml"
DRAWING = HERE / "rooms.svg"

BOX_W, BOX_H, FLOOR_H, GAP, LANE_W = 262, 98, 142, 26, 20
MARGIN, HEAD_H, COLUMNS = 24, 56, 40
LEGEND = "An arrow: imports. Arrows that others imply are left out."
STYLE = """
text { font-family: "DejaVu Sans", Verdana, sans-serif; fill: #1b1b1b }
.title { font-size: 17px; font-weight: bold } .legend { font-size: 12px; fill: #555 }
.name { font-size: 14px; font-weight: bold } .what { font-size: 11px; fill: #333 }
.inside { font-size: 10px; fill: #34597d }
.room { fill: #f4f7fb; stroke: #34597d; stroke-width: 1.4 } .outside { fill: #fdf6e7; stroke: #8a6a1f }
.arrow { fill: none; stroke: #34597d; stroke-width: 1.6; marker-end: url(#head) }
"""

HEAD = (
    '<marker id="head" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M 0 0 L 8 4 L 0 8 z" fill="#34597d"/></marker>'
)

Imports = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the house to be drawn: some packages on floors.

    Attributes:
        title: what stands above it.
        package: what holds the rooms.
        floors: the rooms' names, bottom to top.
        imports: who imports whom.
    """

    title: str
    package: str
    floors: list[list[str]]
    imports: Imports


@dataclass
class Layout:
    """Where everything stands.

    Attributes:
        rows: boxes and lanes of each floor, left to right; a lane is where an arrow passes a floor, (from, to).
        x: the middle of each.
    """

    rows: list[list[object]]
    x: dict[tuple[int, object], float] = field(default_factory=dict)
    width: float = 0.0


def floors_of(package: str) -> list[list[str]]:
    """Return the floors that the contracts hold inside a package, bottom to top."""
    contracts = tomllib.loads(CONTRACTS.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers" and c["containers"] == [package])
    return [[name.strip() for name in layer.split("|")] for layer in reversed(layers)]


def imported(path: Path) -> Iterator[str]:
    """Yield the absolute names that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_between(room_of: Callable[[str], str | None]) -> Imports:
    """Return which rooms import which, by a function that says in which room a module stands."""
    found: Imports = {}
    for path in sorted(SRC.rglob("*.py")):
        room = room_of(".".join(path.relative_to(SRC).with_suffix("").parts))
        if room is not None:
            others = {other for name in imported(path) if (other := room_of(name)) is not None}
            found.setdefault(room, set()).update(others - {room})
    return found


def without_implied(imports: Imports) -> list[tuple[str, str]]:
    """Return the arrows to draw: those that no other arrows imply."""

    def below(room: str) -> set[str]:
        return set().union(*(imports[o] | below(o) for o in imports[room])) if imports[room] else set()

    return sorted((room, o) for room in imports for o in imports[room] - below(room))


def read_house() -> Part:
    """Read the packages of closed_doors, and `checks`, which knows nobody, beside the lowest."""

    def room_of(module: str) -> str | None:
        first, *rest = module.split(".")
        if first == "checks":
            return first
        return rest[0] if first == "closed_doors" and rest and rest[0] in names else None

    floors = floors_of("closed_doors")
    names = {name for floor in floors for name in floor}
    floors[0].append("checks")
    return Part("closed_doors: the rooms", "closed_doors", floors, imports_between(room_of))


def read_grading() -> Part:
    """Read the packages of closed_doors.grading, but a module that none of them is tied to."""

    def room_of(module: str) -> str | None:
        parts = module.split(".")
        return parts[2] if parts[:2] == ["closed_doors", "grading"] and len(parts) > 2 and parts[2] in names else None

    floors = floors_of("closed_doors.grading")
    names = {name for floor in floors for name in floor}
    imports = imports_between(room_of)
    tied = {room for room, others in imports.items() if others}.union(*imports.values())
    drawn_floors = [[name for name in floor if name in tied] for floor in floors]
    return Part("Inside closed_doors.grading", "closed_doors.grading", drawn_floors, imports)


def laid_out(floors: list[list[str]], arrows: list[tuple[str, str]]) -> Layout:
    """Give every room and every lane its place; rooms are drawn towards those that they are tied to."""
    floor_of = {room: number for number, floor in enumerate(floors) for room in floor}
    rows: list[list[object]] = [list(floor) for floor in floors]
    for start, end in arrows:
        for number in range(floor_of[end] + 1, floor_of[start]):
            rows[number].append((start, end))
    layout = Layout(rows)
    _place(layout)
    for _ in range(8):
        for order in (range(1, len(rows)), range(len(rows) - 2, -1, -1)):
            for number in order:
                _sort(layout, number, arrows, floor_of)
                _place(layout)
    return layout


def _sort(layout: Layout, number: int, arrows: list[tuple[str, str]], floor_of: dict[str, int]) -> None:
    def middle(thing: object) -> float:
        ties = [
            layout.x[row, other]
            for arrow in arrows
            for path in [_path(arrow, floor_of)]
            if (number, thing) in path
            for row, other in path
            if abs(row - number) == 1
        ]
        return sum(ties) / len(ties) if ties else layout.x[number, thing]

    layout.rows[number].sort(key=middle)


def _path(arrow: tuple[str, str], floor_of: dict[str, int]) -> list[tuple[int, object]]:
    """Return what an arrow passes: its rooms, and a lane on each floor between."""
    start, end = floor_of[arrow[0]], floor_of[arrow[1]]
    return [(start, arrow[0]), *((number, arrow) for number in range(start - 1, end, -1)), (end, arrow[1])]


def _place(layout: Layout) -> None:
    widths = [sum(_width(thing) for thing in row) + GAP * (len(row) - 1) for row in layout.rows]
    layout.width = max(widths)
    for number, row in enumerate(layout.rows):
        x = (layout.width - widths[number]) / 2
        for thing in row:
            layout.x[number, thing] = x + _width(thing) / 2
            x += _width(thing) + GAP


def _width(thing: object) -> int:
    return BOX_W if isinstance(thing, str) else LANE_W


def drawn(part: Part, left: float, height: float) -> tuple[list[str], float]:
    """Return a part of the house as SVG, and its width.

    Args:
        part: what to draw.
        left: where it begins.
        height: of the whole picture.
    """
    floor_of = {room: number for number, floor in enumerate(part.floors) for room in floor}
    arrows = without_implied(part.imports)
    layout = laid_out(part.floors, arrows)
    lines = [f'<text class="title" x="{left:g}" y="{MARGIN + 14}">{escape(part.title)}</text>']

    def top(number: int) -> float:
        return height - MARGIN - BOX_H - number * FLOOR_H

    for arrow in arrows:
        path = [(left + layout.x[where], top(where[0]), where) for where in _path(arrow, floor_of)]
        lines.append(_arrow(path))
    for number, floor in enumerate(part.floors):
        for room in floor:
            lines += _box(part, room, left + layout.x[number, room] - BOX_W / 2, top(number))
    return lines, layout.width


def _arrow(path: list[tuple[float, float, tuple[int, object]]]) -> str:
    x, y, _ = path[0]
    points = [(x, y + BOX_H)]
    for x, y, _ in path[1:-1]:
        points += [(x, y), (x, y + BOX_H)]
    x, y, _ = path[-1]
    points.append((x, y - 4))
    data = f"M {points[0][0]:g} {points[0][1]:g}"
    for (x0, y0), (x1, y1) in pairwise(points):
        bend = (y0 + y1) / 2
        data += f" C {x0:g} {bend:g} {x1:g} {bend:g} {x1:g} {y1:g}"
    return f'<path class="arrow" d="{data}"/>'


def _box(part: Part, room: str, x: float, y: float) -> list[str]:
    name = f"closed_doors.{room}" if part.package == "closed_doors" and room != "checks" else room
    others = ", ".join(sorted(part.imports.get(room, set()))) or "nobody"
    kind = "room outside" if room == "checks" else "room"
    lines = [
        f"<g><title>{escape(room)} imports {escape(others)}</title>",
        f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{BOX_W}" height="{BOX_H}" rx="6"/>',
        f'<text class="name" x="{x + 10:g}" y="{y + 20:g}">{escape(name)}</text>',
    ]
    for number, line in enumerate(wrap(_purpose(part, room), COLUMNS)[:4]):
        lines.append(f'<text class="what" x="{x + 10:g}" y="{y + 36 + 13 * number:g}">{escape(line)}</text>')
    inside = escape(" · ".join(_packages(part, room)))
    return [*lines, f'<text class="inside" x="{x + 10:g}" y="{y + BOX_H - 9:g}">{inside}</text>', "</g>"]


def _packages(part: Part, room: str) -> list[str]:
    """Return what a room is divided into, but of grading, which is drawn by itself."""
    inside = SRC / part.package.replace(".", "/") / room
    return sorted(path.parent.name for path in inside.glob("*/__init__.py")) if room != "grading" else []


def _purpose(part: Part, room: str) -> str:
    """Return the first sentence of a room's own docstring."""
    name = room if room == "checks" else f"{part.package}.{room}"
    place = SRC.joinpath(*name.split("."))
    path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.split("\n\n")[0].replace("\n", " ").split(". ")[0].rstrip(".")


def drawing() -> str:
    """Return the whole picture as SVG."""
    parts = [read_house(), read_grading()]
    height = HEAD_H + max(len(part.floors) for part in parts) * FLOOR_H + MARGIN
    body, left = [], float(MARGIN)
    for part in parts:
        lines, width = drawn(part, left, height)
        body += lines
        left += width + 3 * MARGIN
    width = left - 2 * MARGIN
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f"<style>{STYLE}</style>",
        f"<defs>{HEAD}</defs>",
        f'<rect width="{width:g}" height="{height:g}" fill="white"/>',
        f'<text class="legend" x="{MARGIN}" y="{MARGIN + 34}">{escape(LEGEND)}</text>',
    ]
    return "\n".join([*head, *body, "</svg>"]) + "\n"


if __name__ == "__main__":
    DRAWING.write_text(drawing(), encoding="utf-8")
