"""A course as one file, and that file as a course again: every file with its checksum, times of arrival whole.

    manifest.json       version, when, each file's SHA-256, times of arrival that only the file system knew
    course/…            the files

The last member is the manifest: an archive that was cut off has none. Restoring writes beside the place, compares every
file with its checksum, and puts the folder in place as a whole.
"""

import hashlib
import io
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from closed_doors.core.errors import CourseError
from closed_doors.core.files import replacement
from closed_doors.core.progress import Progress, silent
from closed_doors.nbgrader.receipts import read_receipts, write_receipts
from closed_doors.nbgrader.settings import read_settings
from closed_doors.semester.age_encryption import Lock, is_encrypted, locked, unlocked
from closed_doors.semester.archive_contents import Arrival, Contents

VERSION = 1
MANIFEST, INSIDE = "manifest.json", "course/"
PRIVATE = 0o600


class Manifest(msgspec.Struct, frozen=True):
    """What an archive says of itself.

    Attributes:
        made: when, in UTC.
        files: SHA-256 by path.
        links: what was left out because it points elsewhere.
        arrivals: times that only the file system knew.
        gradebook: its path; None where there is none.
    """

    version: int
    made: str
    files: dict[str, str]
    links: tuple[str, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    gradebook: str | None = None


def write_archive(
    target: Path, contents: Contents, arrivals: Sequence[Arrival], lock: Lock | None = None, progress: Progress = silent
) -> Manifest:
    """Write an archive, whole or not at all.

    Args:
        target: the file; one that is there is replaced.
        contents: what goes in.
        arrivals: times of arrival that are nowhere in the files.
        lock: for whom it is encrypted; it is not where this is None.
        progress: told how many files are in.

    Raises:
        CourseError: a file can't be read, or the archive can't be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder:
            plain = Path(folder, "plain")
            with os.fdopen(os.open(plain, os.O_WRONLY | os.O_CREAT, PRIVATE), "wb") as stream:
                manifest = _write_tar(stream, contents, arrivals, progress)
            whole = locked(plain, Path(folder, "locked"), lock) if lock else plain
            whole.chmod(PRIVATE)
            whole.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise CourseError(f"The archive {target} can't be written: {error}. Nothing is left of it.") from error
    return manifest


def restore_archive(archive: Path, target: Path | None, lock: Lock | None = None) -> Manifest:
    """Check an archive and make a course's folder of it.

    Args:
        archive: the file.
        target: the folder, which must not exist, or be empty; None only checks.
        lock: the key, where it is encrypted.

    Raises:
        CourseError: it is no archive, is damaged or can't be decrypted, or the folder is taken; nothing is written.
    """
    if target is not None and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CourseError(f"{target} is there already: name a folder that is not, or an empty one.")
    try:
        with _opened(archive, lock) as tar:
            if target is None:
                with tempfile.TemporaryDirectory() as folder:
                    return _unpack(tar, archive, Path(folder))
            with replacement(target) as fresh:
                manifest = _unpack(tar, archive, fresh)
            _enter_arrivals(target, manifest.arrivals)
            return manifest
    except (OSError, EOFError, tarfile.TarError) as error:
        raise CourseError(f"{archive} can't be restored: {error}. Nothing was written.") from error


def named_elsewhere(target: Path, manifest: Manifest) -> str | None:
    """Return the gradebook that a restored course names, where it is not the archive's."""
    if manifest.gradebook is None:
        return None
    url = read_settings(target).db_url
    return None if url == f"sqlite:///{target.resolve() / manifest.gradebook}" else url


def _write_tar(
    stream: io.BufferedWriter, contents: Contents, arrivals: Sequence[Arrival], progress: Progress
) -> Manifest:
    sums: dict[str, str] = {}
    with tarfile.open(fileobj=stream, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for done, (name, path) in enumerate(contents.files.items(), start=1):
            data, about = path.read_bytes(), path.stat()
            sums[name] = _add(tar, INSIDE + name, data, about.st_mtime, about.st_mode)
            progress(done, len(contents.files))
        gradebook = None
        if contents.gradebook is not None:
            gradebook, path = contents.gradebook
            sums[gradebook] = _add(tar, INSIDE + gradebook, _copy_of(path), path.stat().st_mtime, path.stat().st_mode)
        made = datetime.now(UTC)
        manifest = Manifest(
            VERSION, made.isoformat(timespec="seconds"), sums, tuple(contents.links), tuple(arrivals), gradebook
        )
        _add(tar, MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)), made.timestamp(), PRIVATE)
    return manifest


def _add(tar: tarfile.TarFile, name: str, data: bytes, modified: float, mode: int) -> str:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = len(data), int(modified), mode & 0o777
    tar.addfile(member, io.BytesIO(data))
    return hashlib.sha256(data).hexdigest()


def _copy_of(gradebook: Path) -> bytes:
    """Return a gradebook as it is between two transactions, whoever writes to it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(sqlite3.connect(f"file:{gradebook}?mode=ro", uri=True)) as there,
        closing(sqlite3.connect(Path(folder, "copy.db"))) as copy,
    ):
        there.backup(copy)
        copy.close()
        return Path(folder, "copy.db").read_bytes()


@contextmanager
def _opened(archive: Path, lock: Lock | None) -> Iterator[tarfile.TarFile]:
    with tempfile.TemporaryDirectory() as folder:
        plain = archive
        if is_encrypted(archive):
            if lock is None:
                raise CourseError(f"{archive} is encrypted: name the key with --identity, or give --passphrase.")
            plain = unlocked(archive, Path(folder, "plain"), lock)
        with tarfile.open(plain, "r:gz") as tar:
            yield tar


def _unpack(tar: tarfile.TarFile, archive: Path, folder: Path) -> Manifest:
    sums: dict[str, str] = {}
    manifest = None
    for member in tar:
        if member.name == MANIFEST:
            manifest = _manifest(tar, member, archive)
            continue
        if not member.isfile() or not member.name.startswith(INSIDE):
            raise CourseError(f"{archive} was not made by `course archive`: it holds {member.name}.")
        member.name = member.name.removeprefix(INSIDE)
        tar.extract(member, folder, filter="data")
        sums[member.name] = hashlib.sha256((folder / member.name).read_bytes()).hexdigest()
    if manifest is None:
        raise CourseError(f"{archive} has no list of its files: it was cut off, or `course archive` did not make it.")
    if wrong := sorted(
        name for name in sums.keys() | manifest.files.keys() if sums.get(name) != manifest.files.get(name)
    ):
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise CourseError(f"{archive} is damaged: {', '.join(wrong[:5])}{more} are not as they were archived.")
    return manifest


def _manifest(tar: tarfile.TarFile, member: tarfile.TarInfo, archive: Path) -> Manifest:
    stream = tar.extractfile(member)
    try:
        manifest = msgspec.json.decode(stream.read() if stream else b"", type=Manifest)
    except msgspec.DecodeError as error:
        raise CourseError(f"{archive} is damaged: its list of files can't be read ({error}).") from error
    if manifest.version != VERSION:
        raise CourseError(
            f"{archive} is of version {manifest.version}, and this grader knows {VERSION}: install a later one."
        )
    return manifest


def _enter_arrivals(target: Path, arrivals: Sequence[Arrival]) -> None:
    """Let received.csv say when work came that had only the time of its file: here it is a new one."""
    known = read_receipts(target)
    times = {
        (one.student, one.assignment): datetime.fromisoformat(one.received).replace(tzinfo=UTC)
        for one in arrivals
        if known.of(one.student, one.assignment) is None
    }
    if times:
        write_receipts(target, times)
