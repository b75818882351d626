"""Pictures in written answers: shown where they are pictures, named where not, bounded before they are decoded."""

import base64
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from closed_doors.core.wording import say, wording
from closed_doors.notebook.pictures import MOST_PICTURES, SIDE, Gallery, Hung
from support.pictures import SIGNATURE, blank_png, chunk, photo
from support.works import PICTURE


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def hung(data: bytes, kind: str = "image/png", source: str = "Preuve : ![courbe](attachment:p)") -> Hung:
    return Gallery(wording()).hang(source, {"p": {kind: b64(data)}})


def shown(found: Hung) -> tuple[str, Image.Image]:
    ((kind, content),) = found.attachments[
        "image-1.png" if "image-1.png" in found.attachments else "image-1.jpg"
    ].items()
    return kind, Image.open(io.BytesIO(base64.b64decode(content)))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_of_any_kind_is_shown(mode: str) -> None:
    """Grey, palette, transparent or of 16 bits: it stays a picture, and the text names it."""
    found = hung(photo(40, 30, "PNG", mode if mode != "I;16" else "L"))
    assert found.source == "Preuve : ![courbe](attachment:image-1.png)"
    assert shown(found)[1].size == (40, 30)
    assert not found.refused


@pytest.mark.parametrize(
    ("said", "kind"), [("image/jpg", "JPEG"), ("image/pjpeg", "JPEG"), ("image/jpeg", "PNG"), ("image/webp", "JPEG")]
)
def test_a_picture_is_known_by_its_bytes(said: str, kind: str) -> None:
    """A photograph that was saved under another suffix, or under an old name of its kind, is shown."""
    written, image = shown(hung(photo(40, 30, kind), said))
    assert (written, image.format) == (f"image/{kind.lower()}", kind)


@pytest.mark.parametrize("name", ["mon image.png", "IMG (1).png", "Capture d’écran 2026-11-01 à 10.00.00.png"])
@pytest.mark.parametrize("form", ["![a](attachment:{})", "![a](<attachment:{}>)", '![a](attachment:{} "titre")'])
def test_a_name_with_blanks_stands_in_its_place(name: str, form: str) -> None:
    """A picture that was dragged in keeps the name that its system gave it."""
    found = Gallery(wording()).hang(f"Avant {form.format(name)} après", {name: {"image/png": b64(photo(4, 4, "PNG"))}})
    assert found.source == "Avant ![a](attachment:image-1.png) après"
    assert not found.refused


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_photograph_is_scaled_to_a_page(mode: str) -> None:
    """A camera's picture is shown no larger than a page can use."""
    kind, image = shown(hung(photo(4000, 3000, "JPEG", mode), "image/jpeg"))
    assert (kind, image.size, image.format) == ("image/jpeg", (SIDE, 1200), "JPEG")


def test_a_photograph_stands_as_it_was_held_and_says_no_more() -> None:
    """The camera's own data turn the picture, and go no further: not the place where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "chez moi"
    _, image = shown(hung(photo(400, 300, exif=exif.tobytes()), "image/jpeg"))
    assert image.size == (300, 400)
    assert not image.getexif()


def test_pixels_alone_stay_as_they_are_and_anything_else_goes() -> None:
    """A small PNG of pixels only keeps its bytes; what hangs on one besides does not come through."""
    plain, talking = blank_png(20, 20), blank_png(20, 20, chunk(b"tEXt", b"Comment\0<script>"))
    assert hung(plain).attachments["image-1.png"]["image/png"] == b64(plain)
    assert b"script" not in base64.b64decode(hung(talking).attachments["image-1.png"]["image/png"])
    assert b"script" not in base64.b64decode(hung(plain + b"<script>").attachments["image-1.png"]["image/png"])


REFUSED = {
    "125 million pixels": ("image/png", blank_png(11_200, 11_200)),
    "a JPEG of 64 million pixels": ("image/jpeg", photo(8000, 8000, mode="L")),
    "an SVG": ("image/svg+xml", b"<svg onload='alert(1)'/>"),
    "an SVG that says PNG": ("image/png", b"<svg onload='alert(1)'/>"),
    "a GIF": ("image/gif", photo(4, 4, "GIF", "P")),
    "a PDF": ("application/pdf", b"%PDF-1.4"),
    "a PNG cut short": ("image/png", photo(400, 400, "PNG")[:200]),
    "a GIF that says PNG": ("image/png", photo(4, 4, "GIF", "P")),
    "no width": ("image/png", SIGNATURE + chunk(b"IHDR", bytes(13))),
    "nothing": ("image/png", b""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_shown_is_named_in_its_place(case: str) -> None:
    """A person learns that there was a picture, and where to look for it."""
    kind, data = REFUSED[case]
    found = hung(data, kind)
    assert (found.source, found.attachments, found.refused) == (
        f"Preuve : {say('notebook.picture_not_shown')}",
        {},
        ("p",),
    )


MEASURE = """
import resource, sys
from pathlib import Path
from PIL import ImageOps, JpegImagePlugin, PngImagePlugin
from closed_doors.core.wording import say, wording
from closed_doors.notebook.pictures import _written
def most(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = most()
print(bool(_written(sys.argv[1], Path(sys.argv[2]).read_bytes())), (most() - before) // 1024)
"""


@pytest.mark.parametrize(
    ("kind", "data", "shows"),
    [
        ("image/png", lambda: photo(4000, 4000, "PNG", "RGBA"), True),
        ("image/jpeg", lambda: photo(5000, 5000, "JPEG", "CMYK", progressive=True), True),
        ("image/png", lambda: blank_png(11_200, 11_200), False),
    ],
)
def test_pictures_take_bounded_memory(kind: str, data: Callable[[], bytes], shows: bool, tmp_path: Path) -> None:
    """The largest pictures that are decoded, and larger ones that are not, take less than 256 MiB."""
    path = tmp_path / "picture"
    path.write_bytes(data())
    said = subprocess.run(
        [sys.executable, "-c", MEASURE, kind, path], capture_output=True, text=True, check=True
    ).stdout
    done, mib = said.split()
    assert done == str(shows)
    assert int(mib) < 256


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("![a](attachment:p)", "![a](attachment:image-1.png)"),
        ('![a b](<attachment:p> "titre")', "![a b](attachment:image-1.png)"),
        ('<img src="attachment:p" width=40>', "![p](attachment:image-1.png)"),
        ("<IMG alt='x' src='attachment:p'/>", "![p](attachment:image-1.png)"),
        ("![a](attachment:p) et ![b](attachment:p)", "![a](attachment:image-1.png) et ![a](attachment:image-1.png)"),
        ("Sans renvoi.", "Sans renvoi.\n\n![p](attachment:image-1.png)"),
        ("![](attachment:p)", "![p](attachment:image-1.png)"),
        ("![x<y](attachment:p)", "![x y](attachment:image-1.png)"),
    ],
)
def test_a_picture_stands_where_the_text_names_it(source: str, expected: str) -> None:
    """In Markdown, in HTML, or at the end where the text names it nowhere."""
    assert Gallery(wording()).hang(source, {"p": {"image/png": PICTURE}}).source == expected


def test_names_with_blanks_are_found() -> None:
    """JupyterLab writes the blanks of a name as %20."""
    found = Gallery(wording()).hang("![x](attachment:mon%20image.png)", {"mon image.png": {"image/png": PICTURE}})
    assert found.source == "![x](attachment:image-1.png)"


def test_so_many_pictures_and_no_more() -> None:
    """Past a number for the whole submission, pictures are named."""
    gallery = Gallery(wording())
    found = gallery.hang("", {f"p{n}": {"image/png": PICTURE} for n in range(MOST_PICTURES + 2)})
    assert (len(found.attachments), len(found.refused)) == (MOST_PICTURES, 2)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 400), st.sampled_from(["image/png", "image/jpeg"]))
def test_no_bytes_are_an_error(junk: bytes, place: int, kind: str) -> None:
    """Whatever stands in a picture's file, it is shown or named."""
    data = photo(20, 20, "PNG" if kind == "image/png" else "JPEG")
    found = hung(data[:place] + junk + data[place + len(junk) :], kind)
    assert bool(found.attachments) != bool(found.refused)
