"""Makes what a submission shows safe to open: plain text, pictures and tables, and nothing that a browser would run.

Outputs are rebuilt from allow-listed fields and media types. Markdown keeps its text, its formulas and its tables;
raw HTML is shown as the characters that it is written with.
"""

import base64
import binascii
import re

import nh3

from closed_doors.core.wording import Wording, words_here
from closed_doors.notebook.json_files import JsonObject
from closed_doors.notebook.pictures import MAGIC, REFERENCE, is_bounded

LONGEST_TEXT = 100_000
LARGEST_PICTURE = 4 << 20
MOST_LINES = 60
LARGEST_SIDE = 10_000
PICTURES = tuple(MAGIC)
_INLINE = {"a", "b", "br", "code", "em", "i", "kbd", "s", "small", "span", "strong", "sub", "sup", "u", "var"}
_BLOCKS = {
    "blockquote",
    "dd",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "ul",
}
_TAGS = _INLINE | _BLOCKS | {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
_ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}}
_SCHEMES = {"http", "https", "mailto"}
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CONTROL = re.compile(
    r"\x1b\[(?![0-9;]*m)[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]|\x1b(?!\[)"
    r"|[\u202a-\u202e\u2066-\u2069]|[\ud800-\udfff]"
)
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
_PICTURE = re.compile(rf"!(?=\[)(?!\[[^\[\]\n]*\]\({REFERENCE}\))")
_LINK = re.compile(rf"\](?=[(:](?!\s*(?:https?://|mailto:|#|{REFERENCE}\))))")


def clean_text(text: object, limit: int = LONGEST_TEXT) -> str:
    """Return text without control characters, overwritten progress bars or direction marks; colours stay."""
    said = str(text)[: 2 * limit]
    said = _CONTROL.sub("", "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in said.split("\n")))
    return said if len(said) <= limit else said[:limit] + "\n[…]"


def clean_markdown(source: str) -> str:
    """Return a student's markdown with its raw HTML shown as text, and without links that run something.

    The characters that could begin a tag, or a link to anything but a page of the web, are replaced wherever they
    stand, in code spans too: two parsers seldom agree on where one ends, or on what an escaped scheme means. A picture
    becomes a link: loading it would tell its owner who opens the page, and when. Pictures that hang on the cell stay
    (see `closed_doors.notebook.pictures`).
    """
    text = _TAG_START.sub("&lt;", clean_text(source, 1_000_000))
    return _LINK.sub("]\u200b", _PICTURE.sub("(image) ", text))


def clean_output(output: object, words: Wording | None = None) -> JsonObject | None:
    """Return one output of a cell rebuilt from what may be shown; None where it is not an output.

    Args:
        output: nbformat data, from anybody.
        words: what is said of one that is not shown; in the language of this process without it.
    """
    words = words or words_here()
    if not isinstance(output, dict):
        return None
    match output.get("output_type"):
        case "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            return {"output_type": "stream", "name": name, "text": clean_text(_joined(output.get("text", "")))}
        case "error":
            return _error(output)
        case "display_data":
            return {"output_type": "display_data", **_shown(output, words)}
        case "execute_result":
            return {"output_type": "execute_result", "execution_count": None, **_shown(output, words)}
    return None


def _error(output: JsonObject) -> JsonObject:
    lines = output.get("traceback")
    lines = lines if isinstance(lines, list) else []
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES // 2], "[…]", *lines[-MOST_LINES // 2 :]]
    return {
        "output_type": "error",
        "ename": clean_text(output.get("ename", ""), 200),
        "evalue": clean_text(output.get("evalue", ""), 2000),
        "traceback": [clean_text(line, 10_000) for line in lines],
    }


def _shown(output: JsonObject, words: Wording) -> JsonObject:
    data = output.get("data")
    data = data if isinstance(data, dict) else {}
    metadata = output.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    kept: JsonObject = {}
    about: JsonObject = {}
    for kind in PICTURES:
        if (picture := _picture(data.get(kind), kind)) is not None:
            kept[kind] = picture
            about |= _about_picture(kind, metadata.get(kind))
    if "text/html" in data:
        kept["text/html"] = nh3.clean(
            clean_text(_joined(data["text/html"])), tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES
        )
    if "text/plain" in data:
        kept["text/plain"] = clean_text(_joined(data["text/plain"]))
    if not kept:
        kinds = ", ".join(clean_text(kind, 60) for kind in list(data)[:3]) or words.say("notebook.unknown_kind")
        kept["text/plain"] = words.say("notebook.output_not_shown", kinds=kinds)
    return {"data": kept, "metadata": about}


def _picture(data: object, kind: str) -> str | None:
    """Return a picture in base64 if it is one, of a size that can be shown."""
    if not isinstance(data, str) or len(data) > LARGEST_PICTURE:
        return None
    try:
        raw = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return base64.b64encode(raw).decode("ascii") if is_bounded(kind, raw) else None


def _about_picture(kind: str, metadata: object) -> JsonObject:
    if not isinstance(metadata, dict):
        return {}
    about: JsonObject = {
        name: float(metadata[name])
        for name in ("width", "height")
        if type(metadata.get(name)) in (int, float) and 0 < metadata[name] < LARGEST_SIDE
    }
    if isinstance(metadata.get("alt"), str):
        about["alt"] = re.sub(r"[<>\"'&]", " ", clean_text(metadata["alt"], 500))
    return {kind: about} if about else {}


def _joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)
