"""What a cell displayed, as HTML that is safe to put into a page."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import nh3
from markupsafe import Markup, escape

from closed_doors.core.wording import Wording
from closed_doors.notebook.json_files import JsonObject
from closed_doors.notebook.sanitise_outputs import PICTURES, clean_output

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_TABLE = {"table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "p", "br", "b", "em", "i", "strong", "sub"}
_ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}


@dataclass(frozen=True, slots=True)
class Output:
    """One output.

    Attributes:
        kind: text, error, table or picture.
        html: what stands in the page.
        traceback: of an error, what Python said.
    """

    kind: str
    html: Markup
    traceback: str = ""


def outputs(cell: JsonObject, words: Wording) -> tuple[Output, ...]:
    """Return the outputs of a code cell, rebuilt from what may be shown; streams that follow each other are one."""
    found: list[Output] = []
    for output in _joined(clean_output(output, words) for output in cell.get("outputs", ())):
        match output["output_type"]:
            case "stream":
                if text := _plain(output["text"]).rstrip():
                    found.append(Output("text", escape(text)))
            case "error":
                said = escape(f"{_plain(output['ename'])}: {_plain(output['evalue'])}")
                found.append(Output("error", said, _plain("\n".join(output["traceback"]))))
            case _:
                found.append(_shown(output["data"], output["metadata"], words))
    return tuple(found)


def _joined(given: Iterable[JsonObject | None]) -> Iterable[JsonObject]:
    last: JsonObject | None = None
    for output in given:
        if output is None:
            continue
        if last and output["output_type"] == last["output_type"] == "stream" and output["name"] == last["name"]:
            last["text"] += output["text"]
            continue
        if last:
            yield last
        last = output
    if last:
        yield last


def _shown(data: dict[str, str], metadata: JsonObject, words: Wording) -> Output:
    for kind in PICTURES:
        if kind in data:
            about = metadata.get(kind, {})
            alt = about.get("alt") or metadata.get("alt") or words.say("page.picture")
            width = Markup(' width="{}"').format(round(about["width"])) if "width" in about else ""
            picture = Markup('<img src="data:{};base64,{}" alt="{}"{}>')
            return Output("picture", picture.format(kind, data[kind], alt, width))
    if "<table" in data.get("text/html", ""):
        table = nh3.clean(data["text/html"], tags=_TABLE, attributes=_ATTRIBUTES)
        return Output("table", Markup(table))  # noqa: S704
    return Output("text", escape(_plain(data.get("text/plain", "")).rstrip()))


def _plain(text: str) -> str:
    return _COLOUR.sub("", text)
