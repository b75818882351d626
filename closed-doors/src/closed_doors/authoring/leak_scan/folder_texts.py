"""Everything that a folder would put into students' hands: its texts, wherever they hide, and what is out of place."""

import csv
import io
import re
import stat
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from closed_doors.authoring.leak_scan.finding import Finding, Place, Survey
from closed_doors.authoring.leak_scan.notebook_texts import survey_notebook
from closed_doors.authoring.leak_scan.readings import readable

DEEPEST_ARCHIVE = 4
MOST_MEMBERS = 2000
MOST_BYTES = 256 << 20
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
_IMAGES = {b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"RIFF": "WebP", b"BM": "BMP", b"II*\0": "TIFF"}
_ENDS = {b"\x89PNG": b"IEND\xaeB`\x82", b"\xff\xd8\xff": b"\xff\xd9"}
_STRINGS = re.compile(rb"[\x09\x0a\x0d\x20-\x7e\xc2-\xf4\x80-\xbf]{8,}")
_WIDE_STRINGS = re.compile(rb"(?:[\x09\x0a\x0d\x20-\x7e]\x00){8,}")
_MASTER_TEXT = re.compile(r"#\s+jupytext:|^#\s*%%.*nbgrader=|\"grade_id\"\s*:", re.MULTILINE)


@dataclass(slots=True)
class Budget:
    """How much may still be unpacked: an archive may claim to hold anything."""

    members: int = MOST_MEMBERS
    size: int = MOST_BYTES

    def take(self, size: int) -> bool:
        """Whether one more file of this size may be read."""
        self.members -= 1
        self.size -= size
        return self.members >= 0 and self.size >= 0


@dataclass(slots=True)
class Surveyor:
    """Walks a folder or an archive.

    Attributes:
        masters: plain notebooks by name; what is released must be one of them.
        own: folders that hold the course's own packages, which may speak of markers.
    """

    masters: Mapping[str, object]
    own: tuple[str, ...] = ()
    survey: Survey = field(default_factory=Survey)
    budget: Budget = field(default_factory=Budget)

    def folder(self, root: Path, name: str) -> Survey:
        """Survey a folder that messages call `name`."""
        for path in sorted(root.rglob("*")):
            place = Place(f"{name}/{path.relative_to(root).as_posix()}")
            inside = PurePosixPath(path.relative_to(root).as_posix())
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                self._refuse(place, "a link, which leads out of what is handed out", "put a copy of the file there")
                self._text(replace(place, part="target of the link"), str(path.readlink()))
            elif stat.S_ISDIR(mode):
                self._stray(place, PurePosixPath(inside.name))
            elif not stat.S_ISREG(mode):
                self._refuse(place, "neither a file nor a folder", "remove it")
            else:
                self.file(place, inside, path.read_bytes())
        return self.survey

    def file(self, place: Place, inside: PurePosixPath, data: bytes, depth: int = 0) -> None:
        """Survey one file, and what is packed in it."""
        self._stray(place, inside)
        if inside.suffix == ".ipynb":
            survey_notebook(self.survey, place, data, self.masters.get(inside.stem) if not depth else None)
            while self.survey.files:
                attached, content = self.survey.files.pop()
                self.file(attached, PurePosixPath("attachment"), content, depth + 1)
        elif members := _members(data):
            self._archive(place, members, data, depth)
        elif (text := as_text(data)) is not None:
            self._text(place, text, inside)
        elif (kind := next((name for magic, name in _IMAGES.items() if data.startswith(magic)), None)) is not None:
            self._image(place, data, kind)
        else:
            for part in strings(data):
                self._text(replace(place, part="text inside"), part)
            self.survey.opaque.append(place)

    def _stray(self, place: Place, inside: PurePosixPath) -> None:
        for part in inside.parts:
            for pattern, what in STRAY.items():
                if re.fullmatch(pattern, part, re.IGNORECASE):
                    self._refuse(place, what, "remove it")
                    return

    def _text(self, place: Place, text: str, inside: PurePosixPath | None = None) -> None:
        packaged = inside is not None and any(inside.is_relative_to(folder) for folder in self.own)
        self.survey.texts.append((place, text, packaged))
        if packaged or inside is None:
            return
        if _MASTER_TEXT.search(text):
            self._refuse(place, "a notebook as text (jupytext, nbgrader's metadata)", "keep it under masters/")
        if _is_roster(text):
            self._refuse(place, "a table of people: names, addresses or marks", "remove it")

    def _image(self, place: Place, data: bytes, kind: str) -> None:
        self.survey.images.append(place)
        for part in (*_image_texts(data), *strings(data)):
            self.survey.texts.append((replace(place, part="text inside the image"), part, False))
        end = next((mark for magic, mark in _ENDS.items() if data.startswith(magic)), None)
        tail = data[data.rindex(end) + len(end) :] if end and end in data else b""
        if len(tail) > 16 or b"PK\x03\x04" in tail:
            self._refuse(place, f"{len(tail)} bytes after the end of the {kind} image", "save the image anew")

    def _archive(self, place: Place, members: Iterator[tuple[str, bytes | None]], data: bytes, depth: int) -> None:
        if depth >= DEEPEST_ARCHIVE:
            self._refuse(place, "an archive inside archives, too deep to be read", "unpack it")
            return
        try:
            for name, content in members:
                inner = Place(f"{place.file}!{name}")
                if content is None or not self.budget.take(len(content)):
                    self._refuse(inner, "can't be unpacked to be read (encrypted, a link, or too large)", "unpack it")
                    return
                self.file(inner, PurePosixPath(name), content, depth + 1)
        except (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, tarfile.TarError) as error:
            self._refuse(place, f"an archive that can't be read ({error})", "remove it")
            for part in strings(data):
                self._text(replace(place, part="text inside"), part)

    def _refuse(self, place: Place, reason: str, remedy: str) -> None:
        self.survey.findings.append(Finding(place, reason, remedy))


def as_text(data: bytes) -> str | None:
    """Return a file's text, or None where it is not text."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig",):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text if "\0" not in text else None
    text = data.decode("latin-1")
    strange = sum(not (c.isprintable() or c in "\n\r\t") for c in text)
    return text if strange == 0 else None


def strings(data: bytes) -> Iterator[str]:
    """Yield the runs of text inside binary data."""
    for found in _STRINGS.finditer(data):
        yield found[0].decode("utf-8", "ignore")
    for found in _WIDE_STRINGS.finditer(data):
        yield found[0].decode("utf-16-le")
    yield from filter(None, (readable(data[at : at + (1 << 20)]) for at in _zlib_starts(data)))


def _zlib_starts(data: bytes) -> Iterator[int]:
    for found in re.finditer(rb"x[\x01\x5e\x9c\xda]|\x1f\x8b\x08", data[: 4 << 20]):
        yield found.start()


def _image_texts(data: bytes) -> Iterator[str]:
    from PIL import Image  # comes with Matplotlib; `course --help` need not load it

    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()  # text may stand after the pixels
            about: dict[Any, Any] = {**image.info, **{f"EXIF {key}": value for key, value in image.getexif().items()}}
    except Exception:
        return  # not an image after all: its strings are read anyway
    for value in about.values():
        text = as_text(value) if isinstance(value, bytes) else value
        if isinstance(text, str):
            yield text


def _members(data: bytes) -> Iterator[tuple[str, bytes | None]] | None:
    """Return what an archive holds, or None where the data is not one; None for a member that can't be read."""
    if zipfile.is_zipfile(io.BytesIO(data)) and data[:2] == b"PK":
        return _zip_members(data)
    if data[:6] in (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07"):
        return iter([("", None)])
    packed = data[:2] == b"\x1f\x8b" or data[:3] == b"BZh" or data[:6] == b"\xfd7zXZ\0"
    if packed or data[257:262] == b"ustar":
        return _tar_members(data)
    return None


def _zip_members(data: bytes) -> Iterator[tuple[str, bytes | None]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if archive.comment:
            yield "(comment)", archive.comment
        for info in archive.infolist():
            if info.is_dir():
                continue
            too_large = info.flag_bits & 1 or info.file_size > MOST_BYTES
            yield info.filename, None if too_large else archive.read(info)
            if info.comment:
                yield f"{info.filename} (comment)", info.comment


def _tar_members(data: bytes) -> Iterator[tuple[str, bytes | None]]:
    import bz2
    import gzip
    import lzma

    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for info in archive:
                if info.isdir():
                    continue
                file = archive.extractfile(info) if info.isreg() and info.size <= MOST_BYTES else None
                yield info.name, file.read() if file else None
    except tarfile.ReadError:
        file = io.BytesIO(data)
        packed = gzip.GzipFile(fileobj=file) if data[:2] == b"\x1f\x8b" else None
        with packed or (bz2.BZ2File(file) if data[:2] == b"BZ" else lzma.LZMAFile(file)) as stream:
            yield "content", stream.read(MOST_BYTES)


def _is_roster(text: str) -> bool:
    """Whether a text is a table whose columns are people's."""
    first = text.lstrip("\ufeff\n").split("\n", 1)[0]
    if not re.search(r"[,;\t]", first) or len(first) > 1000:
        return False
    delimiter = max(",;\t", key=first.count)
    columns = {column.strip().casefold() for column in next(csv.reader([first], delimiter=delimiter), [])}
    return len(columns & _PERSON) >= 2
