"""Code is recognised whatever its names and layout, and not where it is other code."""

import ast
import builtins
import textwrap

import pytest
from tests.conftest import ROOT

from closed_doors.authoring.leak_scan.code_tokens import Search, stream
from closed_doors.authoring.leak_scan.find_secrets import find_secrets
from closed_doors.authoring.leak_scan.master_secrets import Kind, Region, Secrets
from closed_doors.authoring.leak_scan.readings import fold, readings
from closed_doors.core.layout import Layout
from closed_doors.notebook.json_files import parse

# Too little is left of them once their names are gone: two and one assignments of plain names.
TOO_SHORT = {"self.attention = ScaledDotProductAttention(d_k)\nself.reset()", "self.K = self.V = None"}


def found(unit: str, text: str) -> bool:
    search: Search[str] = Search()
    search.add(stream(fold(unit)), "unit")
    return any(True for _ in search.find(stream(fold(text))))


@pytest.mark.parametrize(
    "text",
    [
        "x = np.eye(n, k=-1, dtype=int)",
        "np.eye( n,k = -1,\n  dtype = int )",
        "torch.eye(rows, k=-1, dtype=int)",
        'print("np.eye(n, k=-1, dtype=int)")',
    ],
)
def test_names_and_layout_do_not_count(text: str) -> None:
    """Another variable, another module, other spaces and lines: the same call."""
    assert found("np.eye(seq_len, k=-1, dtype=int)", text)


@pytest.mark.parametrize("text", ["np.eye(n, k=1, dtype=int)", "np.ones(n, k=-1, dtype=int)", "np.eye(n, n, k=-1)"])
def test_what_is_done_counts(text: str) -> None:
    """Another function, another constant: another call."""
    assert not found("np.eye(seq_len, k=-1, dtype=int)", text)


def test_a_renaming_is_one_for_one() -> None:
    """Two variables of the secret are two in the text, and a variable is not an attribute of self."""
    assert found("a @ b + a", "x @ y + x")
    assert not found("a @ b + a", "x @ y + y")
    assert not found("a @ b + a", "x @ x + x")
    assert found("self.K = cat(self.K, K)", "self.keys = cat(self.keys, K)")


def test_readings_take_wrappings_off() -> None:
    """Escapes, entities, tags, comments and typographic signs are each taken off."""
    secret = "weights.var(dim=-1)"
    for text in (
        r"\u0077eights.var(dim=-1)",
        "weights.var&#40;dim=-1)",
        "<b>weights</b>.var(dim=-1)",
        "# weights.var(dim=-1)",
        "weights.var(dim=–1)",
    ):
        assert any(secret in reading for reading in readings(text)), text


class Renamed(ast.NodeTransformer):
    """Gives every variable another name; what is built in or imported keeps its own."""

    def __init__(self, known: frozenset[str]) -> None:
        self.names: dict[str, str] = {}
        self.known = known | set(dir(builtins)) | {"self"}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if node.id not in self.known:
            node.id = self.names.setdefault(node.id, f"variable_{len(self.names)}")
        return node


def solutions(assignment: str) -> tuple[Secrets, list[Region]]:
    master = parse((ROOT / "source" / assignment / f"{assignment}.ipynb").read_bytes())
    secrets = Secrets([master])
    return secrets, [region for region in secrets.regions if region.kind is Kind.SOLUTION and region.is_code]


@pytest.mark.parametrize("assignment", Layout(ROOT).assignments())
def test_every_solution_of_the_course_is_recognised(assignment: str) -> None:
    """Each coding solution is found verbatim; with every variable renamed and laid out anew, all but two trifles."""
    secrets, regions = solutions(assignment)
    assert regions
    for region in regions:
        source = textwrap.dedent("\n".join(region.lines))
        assert find_secrets(source, secrets), source
        if source.strip() not in TOO_SHORT:
            renamed = ast.unparse(Renamed(secrets.known).visit(ast.parse(source)))
            assert find_secrets(renamed, secrets), renamed
