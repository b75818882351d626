"""Everything that a folder would put into students' hands: its texts, and what is out of place.

Notebooks, texts and the members of a zip are read; pictures are for a person to look at; any other file is refused
unless a person has approved it, whatever it may hold.
"""

import csv
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from closed_doors.authoring.leak_scan.finding import Contents, Place
from closed_doors.authoring.leak_scan.notebook_texts import add_notebook
from closed_doors.notebook.json_files import Notebook

# What no student should be handed, whatever it says.
STRAY = {
    r"\..*": "a hidden file or folder",
    r"__pycache__|.*\.py[co]": "compiled Python, which holds the code that it was made from",
    r".*~|.*\.(?:bak|orig|rej|sw[a-p]|tmp|old|save)|#.*#|.*-checkpoint\.\w+": "an editor's copy",
    r"gradebook.*|.*\.(?:db|sqlite3?)(?:-\w+)?": "a gradebook",
    r"(?:roster|participants|grades|notes|received|etudiants|students).*\.(?:csv|xlsx?|ods)"
    r"|timestamp\.txt": "a class's data",
    r"nbgrader_config\.py|shown\.toml|class\.toml": "a file of the course itself",
    r".*\.(?:pkl|pickle|joblib|dill)": "a pickle, which runs code when it is opened",
}
_PERSON = frozenset(
    (
        "student_id",
        "id_etudiant",
        "email",
        "e-mail",
        "mail",
        "courriel",
        "adresse de courriel",
        "first_name",
        "last_name",
    )
) | frozenset(("prénom", "prenom", "nom", "nom de famille", "score", "max_score", "numéro étudiant", "student"))
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"II*\0")
_MASTER_TEXT = re.compile(r"#\s+jupytext:|^#\s*%%.*nbgrader=|\"grade_id\"\s*:", re.MULTILINE)


@dataclass(slots=True)
class FolderReader:
    """Walks a folder.

    Attributes:
        masters: plain notebooks by name; what is released must be one of them.
        own: folders that hold the course's own packages, which may speak of markers.
    """

    masters: Mapping[str, Notebook]
    own: tuple[str, ...] = ()
    contents: Contents = field(default_factory=Contents)

    def folder(self, root: Path, name: str) -> Contents:
        """Read a folder that messages call `name`."""
        for path in sorted(root.rglob("*")):
            inside = PurePosixPath(path.relative_to(root).as_posix())
            place = Place(f"{name}/{inside}")
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                self.contents.refuse(place, "a link, which leads out of what is handed out", "put a copy there")
                self._text(replace(place, part="target of the link"), str(path.readlink()))
            elif stat.S_ISDIR(mode):
                self._stray(place, PurePosixPath(inside.name))
            elif not stat.S_ISREG(mode):
                self.contents.refuse(place, "neither a file nor a folder", "remove it")
            else:
                self.file(place, inside, path.read_bytes())
        return self.contents

    def file(self, place: Place, inside: PurePosixPath, data: bytes) -> None:
        """Read one file, and where it is a zip what is packed in it."""
        self._stray(place, inside)
        if inside.suffix == ".ipynb":
            add_notebook(self.contents, place, data, self.masters.get(inside.stem))
        elif data.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(data)):
            self._zip(place, data)
        else:
            self._plain(place, inside, data)

    def _plain(self, place: Place, inside: PurePosixPath, data: bytes) -> None:
        if (text := as_text(data)) is not None:
            self._text(place, text, inside)
        elif data.startswith(_IMAGES):
            self.contents.images.append(place)
        else:
            self.contents.opaque.append(place)

    def _zip(self, place: Place, data: bytes) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
        except (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
            self.contents.refuse(place, f"an archive that can't be read ({error})", "remove it")
            return
        for name, content in members.items():
            inner, inside = replace(place, file=f"{place.file}!{name}"), PurePosixPath(name)
            self._stray(inner, inside)
            if inside.suffix == ".ipynb":
                add_notebook(self.contents, inner, content, None)
            else:
                self._plain(inner, inside, content)

    def _stray(self, place: Place, inside: PurePosixPath) -> None:
        found = (what for part in inside.parts for pattern, what in STRAY.items() if re.fullmatch(pattern, part, re.I))
        if what := next(found, None):
            self.contents.refuse(place, what, "remove it")

    def _text(self, place: Place, text: str, inside: PurePosixPath | None = None) -> None:
        packaged = inside is not None and any(inside.is_relative_to(folder) for folder in self.own)
        self.contents.texts.append((place, text, packaged))
        if packaged or inside is None:
            return
        if _MASTER_TEXT.search(text):
            self.contents.refuse(place, "a notebook as text (jupytext, nbgrader's metadata)", "keep it under masters/")
        if _is_roster(text):
            self.contents.refuse(place, "a table of people: names, addresses or marks", "remove it")


def as_text(data: bytes) -> str | None:
    """Return a file's text, or None where it is not text."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
        return text if all(c.isprintable() or c in "\n\r\t" for c in text) else None
    return None if "\0" in text else text


def _is_roster(text: str) -> bool:
    """Whether a text is a table whose columns are people's."""
    first = text.lstrip("\ufeff\n").split("\n", 1)[0]
    if not re.search(r"[,;\t]", first) or len(first) > 1000:
        return False
    delimiter = max(",;\t", key=first.count)
    columns = {column.strip().casefold() for column in next(csv.reader([first], delimiter=delimiter), [])}
    return len(columns & _PERSON) >= 2
