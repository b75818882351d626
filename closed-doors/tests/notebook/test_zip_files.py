"""Archives that students hand in: what is in them is taken within limits, and what is not is said."""

import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closed_doors.notebook.zip_files import INNER_FILES, Refusal, ZippedFile, files_in


def archive(files: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as opened:
        for name, data in files.items():
            opened.writestr(zipfile.ZipInfo(name), data, kind)
    return file.getvalue()


def taken(data: bytes) -> dict[str, bytes]:
    return {"/".join(file.path): file.data for file in files_in(data) if isinstance(file, ZippedFile)}


def refused(data: bytes) -> dict[str, Refusal]:
    return {"/".join(file[0]): file[1] for file in files_in(data) if not isinstance(file, ZippedFile)}


def test_files_in_folders_are_taken() -> None:
    """What systems add by themselves is left out without a word."""
    files = {"devoir/devoir.ipynb": b"{}", "devoir/données/a.csv": b"1", "__MACOSX/._devoir.ipynb": b"x", "vide/": b""}
    assert taken(archive(files)) == {"devoir/devoir.ipynb": b"{}", "devoir/données/a.csv": b"1"}
    assert refused(archive(files)) == {}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../x", Refusal.OUTSIDE),
        ("/etc/x", Refusal.OUTSIDE),
        ("C:/x", Refusal.OUTSIDE),
        ("a//b", Refusal.NO_PATH),
        ("a/./b", Refusal.NO_PATH),
        ("a\x1b[31mb", Refusal.CONTROL),
        ("/".join("abcdefghi"), Refusal.DEEP),
        ("x" * 251, Refusal.LONG_NAME),
        ("", Refusal.NAMELESS),
    ],
)
def test_a_name_that_leads_astray_is_refused(name: str, reason: Refusal) -> None:
    """A path that leaves the archive, or is none, is named with the reason."""
    assert list(refused(archive({name: b"x"})).values()) == [reason]


def test_bombs_are_refused() -> None:
    """What unpacks out of all proportion is not taken, nor more than a student may have."""
    assert list(refused(archive({"x.csv": bytes(50 << 20)})).values()) == [Refusal.RATIO]
    assert list(refused(archive({"x.csv": bytes(101 << 20)})).values()) == [Refusal.LARGE]
    many = refused(archive({f"{n}.txt": b"" for n in range(INNER_FILES + 5)}))
    assert list(many.values()) == [Refusal.MANY]


def test_a_large_list_of_files_is_not_read() -> None:
    """An archive whose list of files alone would fill memory stays shut."""
    data = bytearray(archive({"a.txt": b"x"}))
    struct.pack_into("<L", data, len(data) - 22 + 12, 1 << 30)
    assert list(refused(bytes(data)).values()) == [Refusal.DAMAGED]


def test_an_encrypted_file_is_named() -> None:
    """Nobody here has its password."""
    data = bytearray(archive({"a.txt": b"x"}))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + place] |= 1
    assert list(refused(bytes(data)).values()) == [Refusal.ENCRYPTED]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 40))
def test_no_archive_is_an_error(changes: list[tuple[int, int]], cut: int) -> None:
    """Whatever byte of an archive is another, or missing, its files are taken or refused."""
    data = bytearray(archive({"devoir/devoir.ipynb": b"{}" * 50, "b.txt": b"abc"}))
    for place, value in changes:
        data[place % len(data)] = value
    assert list(files_in(bytes(data[: len(data) - cut]))) is not None
