"""Two small masks side by side, as pictures that colour-blind people, printers and screen readers can read.

A square says 1 by being filled and 0 by being empty; where the two masks differ, it has a cross in it.
"""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from closed_doors.core.wording import Wording

_SIDE, _STEP, _EDGE = 17, 20, 15  # of a square, from one to the next, of the numbers: in pixels

_SVG = Markup('<svg class="mask" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" aria-label="{2}">{3}</svg>')
_SQUARE = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>')
_CROSS = Markup('<path class="{}" d="M{} {}l9 9m0-9l-9 9"/>')
_NUMBER = Markup('<text x="{}" y="{}">{}</text>')


def mask_picture(rows: Sequence[str], other: Sequence[str] | None, name: str, words: Wording) -> Markup:
    """Draw a mask.

    Args:
        rows: of 0 and 1.
        other: the mask that it should be, of the same shape; None to mark nothing.
        name: what it is, for who can't see it.
        words: what the page is written in.
    """
    width, height = _EDGE + _STEP * len(rows[0]), _EDGE + _STEP * len(rows)
    read = words.say("feedback.mask_rows").join(" ".join(row) for row in rows)
    said = words.say("feedback.mask_row_by_row", name=name, rows=read)
    return _SVG.format(width, height, said, Markup("").join([*_numbers(rows), *_squares(rows, other or rows)]))


def _numbers(rows: Sequence[str]) -> Iterator[Markup]:
    """Number rows and columns from 0, as Python does."""
    for column in range(len(rows[0])):
        yield _NUMBER.format(_EDGE + _STEP * column + _SIDE // 2, 10, column)
    for row in range(len(rows)):
        yield _NUMBER.format(5, _EDGE + _STEP * row + 12, row)


def _squares(rows: Sequence[str], other: Sequence[str]) -> Iterator[Markup]:
    for i, (row, wanted) in enumerate(zip(rows, other, strict=True)):
        for j, (value, want) in enumerate(zip(row, wanted, strict=True)):
            x, y = _EDGE + _STEP * j, _EDGE + _STEP * i
            kind = f"{'one' if value == '1' else 'zero'}{'' if value == want else ' wrong'}"
            yield _SQUARE.format(kind, x + 0.5, y + 0.5, _SIDE, _SIDE)
            if value != want:
                yield _CROSS.format(kind, x + 4.5, y + 4.5)
