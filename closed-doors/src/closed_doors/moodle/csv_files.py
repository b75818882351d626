"""CSV files as Moodle writes them and as spreadsheets write them back.

Relied on (Moodle 3.x to 5.x, English and French): a file is UTF-8, with or without a byte order mark, and separated by
commas, semicolons or tabs; a French spreadsheet saves it in cp1252 with semicolons. Headings are those of Moodle's
language packs, which changed with the versions; the French pack writes typographic apostrophes since 4.x.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from closed_doors.core.errors import MoodleError

LARGEST_MIB = 64
_DELIMITERS = ",;\t"
_FORMULA = ("=", "+", "@", "\t", "\r")
_ALIKE = str.maketrans({"’": "'", "\u2018": "'", "\u00a0": " ", "\u202f": " "})


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file, and how it is written.

    Attributes:
        header: the headings, as they stand there.
        rows: the lines below, each as long as the header.
        delimiter: what separates cells.
        mark: whether the file begins with a byte order mark.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str = ","
    mark: bool = False

    def column(self, names: Iterable[str]) -> int | None:
        """Return the place of the first of these headings that is there; case, spaces and apostrophes don't count."""
        there = [alike(heading) for heading in self.header]
        return next((there.index(name) for name in map(alike, names) if name in there), None)

    def render(self, rows: Iterable[Sequence[str]]) -> bytes:
        """Return a file with the same header, written the same way, in UTF-8."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows(rows)
        return text.getvalue().encode("utf-8-sig" if self.mark else "utf-8")


def read_table(path: Path) -> Table:
    """Read a CSV file, whoever wrote it.

    Raises:
        MoodleError: it can't be opened, is too large, or is no table.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read((LARGEST_MIB << 20) + 1)
    except OSError as error:
        raise MoodleError(f"{path} can't be read: {error.strerror}.") from error
    if len(data) > LARGEST_MIB << 20:
        raise MoodleError(f"{path} is larger than {LARGEST_MIB} MiB; a CSV file of Moodle was expected.")
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise MoodleError(f"{path} is a spreadsheet or an archive; save it as CSV, or download it as CSV from Moodle.")
    text = _decoded(data)
    delimiter = _delimiter(text)
    try:
        lines = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise MoodleError(f"{path} is not a CSV file: {error}.") from error
    if not lines:
        raise MoodleError(f"{path} is empty; a CSV file of Moodle was expected.")
    header = tuple(heading.strip() for heading in lines[0])
    rows = [tuple(row) + ("",) * (len(header) - len(row)) for row in lines[1:]]
    for number, row in enumerate(rows, start=1):
        if len(row) > len(header):
            raise MoodleError(
                f"{path}: row {number} has {len(row)} cells under {len(header)} headings. Was it changed by a program "
                "that lost its quotes? Download it again."
            )
    return Table(header, tuple(rows), delimiter, data.startswith(b"\xef\xbb\xbf"))


def alike(text: str) -> str:
    """Return a text in the form in which headings and short texts are compared."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_ALIKE).casefold().split())


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; an apostrophe before it says that it is text."""
    stripped = text.lstrip(" \u00a0")
    begins = stripped.startswith(_FORMULA) or (stripped.startswith("-") and len(stripped.strip()) > 1)
    return f"'{text}" if begins else text


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    """Return what separates the headings: of the three candidates, the one that is there most often, quotes apart."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    bare = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)
