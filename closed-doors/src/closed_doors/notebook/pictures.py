"""Pictures that anybody may have made: bounded by their pixels before a byte of them is decoded.

A picture in a text is decoded, and written anew, no larger than a page can use, unless it is pixels and nothing else:
so nothing of the file that was handed in goes into a page but what it shows. PNG and JPEG are read; anything else is
named in its place.
"""

import base64
import binascii
import io
import re
import struct
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from closed_doors.core.wording import Wording

if TYPE_CHECKING:
    from PIL.Image import Image

MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
# A PNG is decoded whole; of a JPEG, a decoder keeps two bytes a sample at most.
MOST_PIXELS = {"image/png": 16_000_000, "image/jpeg": 26_000_000}
MOST_BYTES = 12 << 20
SIDE = 1600
LARGE_PNG = 1 << 20  # of which a JPEG is made
QUALITY = 85
MOST_PICTURES = 30
LONGEST_NAME = 300
Attachments = dict[str, dict[str, str]]  # as nbformat keeps them: content in base64, by name and kind
# How a text names a picture of ours; `clean_markdown` leaves this one form alone.
REFERENCE = r"attachment:image-\d+\.(?:png|jpg)"
_IN_MARKDOWN = r"!\[([^\[\]]{{0,300}})\]\(\s*<?attachment:({names}[^)\s\"'>]{{1,300}})>?[^)\n]{{0,300}}\)"
_IN_HTML = re.compile(
    r"<img\b[^<>]{0,500}?\bsrc\s*=\s*[\"']?attachment:([^\"'\s<>]{1,300})[^<>]{0,500}>", re.IGNORECASE
)
_ALT = re.compile(r"[^\w\s.,;:'’°%=+/-]")
_decoding = threading.Lock()  # one picture in memory at a time, however many submissions are graded


@dataclass(frozen=True, slots=True)
class Hung:
    """A text with its pictures.

    Attributes:
        source: the text; each picture of it is named as `REFERENCE` says, or replaced by a sentence.
        attachments: the pictures, as nbformat keeps them.
        refused: the names of those that can't be shown.
    """

    source: str
    attachments: Attachments = field(default_factory=dict)
    refused: tuple[str, ...] = ()


class Gallery:
    """The pictures of one submission's texts, so many and no more.

    Args:
        words: what is said in place of one that is not shown.
    """

    def __init__(self, words: Wording) -> None:
        self.words = words
        self._left = MOST_PICTURES

    def hang(self, source: str, attachments: Mapping[str, Mapping[str, str]]) -> Hung:
        """Return a text with its pictures written anew, where the text names them or else at its end."""
        if not attachments and "attachment:" not in source:
            return Hung(source)
        wall = _Wall(self, attachments)
        text = _in_markdown(attachments).sub(lambda found: wall.place(found[2], found[1]), source)
        text = _IN_HTML.sub(lambda found: wall.place(found[1]), text)
        rest = [wall.place(name) for name in attachments if name not in wall.placed]
        return Hung("\n\n".join([text, *rest]), wall.shown, tuple(wall.refused))

    def anew(self, pictures: Mapping[str, str]) -> tuple[str, str] | None:
        """Return a picture's kind and content, written anew; None where it can't be shown or there are too many.

        Its bytes say of what kind it is: browsers and telephones name a picture by its suffix, which may be any.
        """
        for said, data in pictures.items():
            if said.startswith("image/") and self._left > 0:
                self._left -= 1
                return _anew(data)
        return None


class _Wall:
    """One text's pictures."""

    def __init__(self, gallery: Gallery, attachments: Mapping[str, Mapping[str, str]]) -> None:
        self._gallery = gallery
        self._given = attachments
        self.placed: dict[str, str] = {}
        self.shown: dict[str, dict[str, str]] = {}
        self.refused: list[str] = []

    def place(self, written: str, alt: str = "") -> str:
        """Return what stands in the text for a picture; the same for each mention of it."""
        name = written if written in self._given else unquote(written)
        if name not in self.placed:
            self.placed[name] = self._place(name, _ALT.sub(" ", alt or name))
        return self.placed[name]

    def _place(self, name: str, alt: str) -> str:
        picture = self._gallery.anew(self._given.get(name, {}))
        if picture is None:
            self.refused.append(name[:80])
            return self._gallery.words.say("notebook.picture_not_shown")
        kind, content = picture
        ours = f"image-{len(self.shown) + 1}.{'png' if kind == 'image/png' else 'jpg'}"
        self.shown[ours] = {kind: content}
        return f"![{alt}](attachment:{ours})"


def is_bounded(kind: str, data: bytes) -> bool:
    """Whether a picture is of the kind that it says, and of a size that a browser can be asked to show."""
    with _decoding:
        return _opened(kind, data) is not None


def _in_markdown(names: Iterable[str]) -> re.Pattern[str]:
    """Return what finds a picture in a text; a name that hangs there may hold blanks and brackets."""
    known = sorted((re.escape(name) for name in names if len(name) <= LONGEST_NAME), key=len, reverse=True)
    return re.compile(_IN_MARKDOWN.format(names="".join(f"{name}|" for name in known[:MOST_PICTURES])))


def _anew(data: str) -> tuple[str, str] | None:
    if len(data) > MOST_BYTES * 4 // 3 + 100:
        return None
    try:
        raw = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    kind = next((kind for kind, magic in MAGIC.items() if raw.startswith(magic)), None)
    if kind is None:
        return None
    with _decoding:
        try:
            return _written(kind, raw)
        except Exception:  # a decoder has many errors of its own
            return None


def _opened(kind: str, data: bytes) -> "Image | None":
    """Return a picture of which the header was read and no pixel; None where it is too large, or none."""
    if not data.startswith(MAGIC[kind]):
        return None
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile

    try:
        image = PngImageFile(io.BytesIO(data)) if kind == "image/png" else JpegImageFile(io.BytesIO(data))
    except Exception:
        return None
    return image if 0 < image.width * image.height <= MOST_PIXELS[kind] else None


def _written(kind: str, data: bytes) -> tuple[str, str] | None:
    from PIL import ImageOps

    image = _opened(kind, data)
    if image is None:
        return None
    image.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded at a fraction of its size
    image.load()
    if kind == "image/png" and len(data) <= LARGE_PNG and max(image.size) <= SIDE and _is_only_pixels(data):
        return kind, base64.b64encode(data).decode("ascii")
    small = _plain(image)
    small.thumbnail((SIDE, SIDE))
    turned = ImageOps.exif_transpose(small)  # as a camera says it was held
    turned.info = {}
    if kind == "image/png":
        written = _saved(turned, "PNG")
        if len(written) <= LARGE_PNG:
            return "image/png", base64.b64encode(written).decode("ascii")
    return "image/jpeg", base64.b64encode(_saved(_flat(turned), "JPEG")).decode("ascii")


def _is_only_pixels(data: bytes) -> bool:
    """Whether a PNG that was decoded without an error holds its pixels and nothing else."""
    at = len(MAGIC["image/png"])
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">L4s", data, at)
        if kind not in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
            return False
        at += 12 + int(length)
        if kind == b"IEND":
            return at == len(data)
    return False


def _plain(image: "Image") -> "Image":
    """Return a picture in a mode of 8 bits that can be scaled."""
    if image.mode in ("L", "RGB", "RGBA"):
        return image
    has_alpha = image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")


def _flat(image: "Image") -> "Image":
    """Return a picture without transparency, on white."""
    if image.mode != "RGBA":
        return image
    from PIL.Image import new

    flat = new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A"))
    return flat


def _saved(image: "Image", kind: str) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **({"quality": QUALITY} if kind == "JPEG" else {"optimize": False}))
    return file.getvalue()
