"""A submission that tries to run a script in the TA's page, in every field that a student controls.

In each payload § stands for a call that the detector hears (see `conftest.Watch`), with a number that says which
payload it was; N stands for the number itself, in addresses of a canary host.
"""

import copy
import itertools
from typing import Any

import nbformat

CANARY = "canary.invalid"

HTML = (
    "<script>§</script>",
    "<img src=x onerror=§>",
    "<svg onload=§>",
    "<svg><animate onbegin=§ attributeName=x dur=1s>",
    '<iframe srcdoc="<script>parent.§</script>"></iframe>',
    '<iframe src="javascript:parent.§"></iframe>',
    "<details open ontoggle=§>x</details>",
    "<input autofocus onfocus=§>",
    "<video><source onerror=§></video>",
    "<math><mtext></math><img src=x onerror=§>",
    '<object data="javascript:§"></object>',
    '<a href="javascript:§">x</a>',
    '<form action="javascript:§"><button>x</button></form>',
    '<img src="//canary.invalid/N.png">',
    '<link rel="stylesheet" href="//canary.invalid/N.css">',
    '<base href="//canary.invalid/N/">',
    "<style>body{background:url(//canary.invalid/N.png)}</style>",
    '<p style="background:url(//canary.invalid/N.png)">x</p>',
    '"><img src=x onerror=§>',
    "'><img src=x onerror=§>",
    "</pre></div></textarea></title></style></script><img src=x onerror=§>",
    "<!--><img src=x onerror=§>-->",
    '<noscript><p title="</noscript><img src=x onerror=§>">',
    "]]><img src=x onerror=§>",
    "{{ ''.__class__ }}{% raw %}<img src=x onerror=§>",
)
MARKDOWN = (
    "[x](javascript:§)",
    "[x](&#106;avascript:§)",
    "![x](javascript:§)",
    "![x](//canary.invalid/N.png)",
    "![x](https://canary.invalid/N.png)",
    "![x][image-N]\n\n[image-N]: https://canary.invalid/N.png",
    '![x](x" onerror="§)',
    '[x](https://exemple.fr "x\\" onmouseover=§ y=\\"")',
    "`<img src=x onerror=§>`",
    "```\n</code></pre><img src=x onerror=§>\n```",
    "$\\href{javascript:§}{x}$",
    '$\\href{https://exemple.fr" onclick="§}{x}$',
    "$</script><img src=x onerror=§>$",
    "$\\style{background:url(//canary.invalid/N.png)}{x}$",
    '$\\class{x" onmouseover="§}{y}$',
    "$\\require{../../../../../files/attaque}$",
    "$\\unicode{x3c}img src=x onerror=§\\unicode{x3e}$",
    "\\begin{x}<img src=x onerror=§>\\end{x}",
    "| <img src=x onerror=§> |\n|---|\n| <svg/onload=§> |",
    "> - <svg/onload=§>",
    "<javascript:§>",
)
MEDIA = (
    "text/html",
    "text/markdown",
    "text/latex",
    "text/plain",
    "image/svg+xml",
    "application/javascript",
    "application/pdf",
    "text/vnd.mermaid",
    "application/vnd.jupyter.widget-view+json",
    "application/x-inconnu<img src=x onerror=fired(0)>",
)

OUTPUTS = """
import sys
from IPython.display import display
for payload in PAYLOADS:
    display({"text/html": payload}, raw=True)
    display({"text/html": payload}, raw=True, metadata={"text/html": {"isolated": True}})
    print(payload)
    print(payload, file=sys.stderr)
for kind in MEDIA:
    display({kind: PAYLOADS[0]}, raw=True)
    display({kind: PAYLOADS[1]}, raw=True)
for kind in ("image/png", "image/jpeg"):
    display({kind: PAYLOADS[1]}, raw=True)
    display({kind: "iVBORw0KGgo="}, raw=True, metadata={kind: {"alt": PAYLOADS[18], "width": PAYLOADS[18]}})
raise type(PAYLOADS[1], (ValueError,), {})(PAYLOADS[1])
"""
RAISES = """
def create_local_mask(seq_len):
    raise ValueError(" ".join(PAYLOADS))
"""
PRINTS = """
def create_combined_mask(seq_len, real_len):
    print(*PAYLOADS, sep="\\n")
    return PAYLOADS
"""


class Arsenal:
    """Hands out numbered payloads, and remembers which number is which."""

    def __init__(self) -> None:
        self.known: dict[int, str] = {}
        self._numbers = itertools.count(1)

    def load(self, field: str, payloads: tuple[str, ...]) -> list[str]:
        """Return the payloads with their numbers in them, all told as those of this field."""
        return [self.one(field, payload) for payload in payloads]

    def one(self, field: str, payload: str) -> str:
        """Return one payload with its number in it."""
        number = next(self._numbers)
        self.known[number] = f"{field}: {payload}"
        return payload.replace("§", f"fired({number})").replace("N", str(number))


def attacking(release: Any, arsenal: Arsenal) -> Any:
    """Return the released notebook with a payload wherever a student can write."""
    notebook = copy.deepcopy(release)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}

    def code(field: str, source: str) -> str:
        return f"PAYLOADS = {arsenal.load(field, HTML)!r}\nMEDIA = {MEDIA!r}\n{source}"

    cells["question-2-reponse"].source = "\n\n".join(arsenal.load("free text", HTML + MARKDOWN))
    cells["exercice-1-reponse"].source = code("error text", RAISES)
    cells["exercice-3-reponse"].source = code("printed in a test", PRINTS)
    added = nbformat.v4.new_markdown_cell("\n\n".join(arsenal.load("own markdown", HTML + MARKDOWN)))
    added.attachments = {"x.svg": {"image/svg+xml": arsenal.one("attachment", HTML[2])}}
    stranger = nbformat.v4.new_markdown_cell("?")
    stranger.metadata.nbgrader = {
        "grade_id": arsenal.one("unknown cell's id", HTML[1]) + arsenal.one("unknown cell's id", MARKDOWN[4]),
        "schema_version": 3,
        "grade": False,
        "solution": True,
        "locked": False,
        "task": False,
    }
    notebook.cells += [
        added,
        nbformat.v4.new_raw_cell("\n".join(arsenal.load("raw cell", HTML))),
        nbformat.v4.new_code_cell(code("outputs", OUTPUTS)),
        nbformat.v4.new_code_cell("%%html\n" + arsenal.one("magic", HTML[1])),
        nbformat.v4.new_code_cell("%%javascript\n" + arsenal.one("magic", "§")),
        nbformat.v4.new_code_cell("#" + arsenal.one("code", HTML[20])),
        stranger,
    ]
    for cell in notebook.cells:
        cell.metadata.tags = [arsenal.one("tag", HTML[18])]
    notebook.metadata.title = arsenal.one("title", HTML[1])
    notebook.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"x": arsenal.one("widget", HTML[0])}}
    notebook.metadata.language_info = {"name": arsenal.one("language", HTML[18])}
    return notebook


def unsafe() -> Any:
    """Return a notebook that nobody cleaned: the detector must hear it."""
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("<img src=x onerror=fired(1)>"),
            nbformat.v4.new_code_cell(
                "1",
                outputs=[nbformat.v4.new_output("display_data", {"text/html": "<script>fired(2)</script>"})],
            ),
            nbformat.v4.new_markdown_cell(f"![x](https://{CANARY}/3.png)"),
        ]
    )
