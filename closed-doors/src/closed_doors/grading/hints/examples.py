"""Public examples of what hidden tests refuse: a call that anybody can write, and what it should give.

They are probes of the exercise whose inputs can be written in the call itself. What a student's process says chooses
one of them, and one of the values that the course has seen before; no number of the process's own is shown, as it has
met hidden tests. An input that hidden tests ask, and visible ones do not, is no example.
"""

import ast
import builtins
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from closed_doors.grading.bridge.asked_inputs import digest_of
from closed_doors.grading.protocol.codec import encode
from closed_doors.grading.student.probe_observation import ERROR, NONE, NUMBERS, Value

LONGEST_CALL = 120
MOST_NUMBERS = 36
CHANCE = ("rand", "rng", "Generator")  # an input that is drawn can't be written


@dataclass(frozen=True, slots=True)
class Example:
    """A probe that can be shown.

    Attributes:
        place: of the probe.
        call: the expression, its inputs written out.
        inputs: digests of what it asks the student's functions.
    """

    place: int
    call: str
    inputs: frozenset[bytes]


def examples_of(setup: str, calls: Sequence[str]) -> tuple[Example, ...]:
    """Return the probes of an exercise that can be shown, the shortest first."""
    source = _Setup(setup)
    found = (_example(source, place, call) for place, call in enumerate(calls))
    return tuple(sorted((each for each in found if each), key=lambda each: (len(each.call), each.place)))


def is_hidden(example: Example, hidden: Set[bytes]) -> bool:
    """Whether hidden tests alone ask one of its inputs."""
    return bool(example.inputs & hidden)


def text_of(value: Value) -> str:
    """Return a value as Python writes it; empty where it is too large, or nothing that can be written."""
    kind, _, rest = value.form.partition(" ")
    if kind == ERROR:
        return rest
    if kind == NONE:
        return "None"
    if kind != NUMBERS or value.numbers.size > MOST_NUMBERS:
        return ""
    shape = ast.literal_eval(rest)
    return _written([_short(number) for number in value.numbers.tolist()], shape)


def _written(numbers: list[str], shape: list[int]) -> str:
    if not shape:
        return numbers[0]
    size = len(numbers) // shape[0] if shape[0] else 0
    rows = (numbers[n * size : (n + 1) * size] for n in range(shape[0]))
    return f"[{', '.join(_written(row, shape[1:]) for row in rows)}]"


def _short(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 1e6 else f"{number:.4g}"


class _Setup:
    """The code that makes the inputs of probes, as far as it can be written into a call."""

    def __init__(self, setup: str) -> None:
        tree = ast.parse(setup)
        self.namespace: dict[str, object] = {}
        imports: list[ast.stmt] = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        exec(compile(ast.Module(imports, []), "<setup>", "exec"), self.namespace)  # noqa: S102  (the instructor's)
        self.inputs = dict(_fixed_inputs(tree))
        self.bound = {name for node in tree.body for name in _stored(node)}

    def written_out(self, node: ast.expr) -> ast.expr:
        """Return an expression with the inputs that it names written out."""
        inputs = self.inputs

        class Inline(ast.NodeTransformer):
            def visit_Name(self, name: ast.Name) -> ast.expr:
                return self.visit(inputs[name.id]) if name.id in inputs else name

        written: ast.expr = Inline().visit(ast.parse(ast.unparse(node), mode="eval").body)
        return written

    def is_students(self, name: str) -> bool:
        """Whether a name is neither the setup's nor Python's."""
        return name not in self.namespace and name not in self.bound and not hasattr(builtins, name)


def _fixed_inputs(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield the inputs that are made once, of what is written there, and never changed."""
    stores = [name for node in tree.body for name in _stored(node)]
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if stores.count(name) == 1 and not any(word in ast.unparse(value) for word in CHANCE):
                    yield name, value


def _stored(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds, or whose objects it may change."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
        return
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                yield name


def _example(setup: _Setup, place: int, call: str) -> Example | None:
    written = setup.written_out(ast.parse(call, mode="eval").body)
    text = ast.unparse(written)
    names = {node.id for node in ast.walk(written) if isinstance(node, ast.Name)}
    if len(text) > LONGEST_CALL or names & setup.bound or not any(map(setup.is_students, names)):
        return None
    if any(isinstance(node, ast.Lambda | ast.Starred) for node in ast.walk(written)):
        return None
    try:
        return Example(place, text, frozenset(_inputs(setup, written)))
    except Exception:  # an input that can't be made here can't be compared
        return None


def _inputs(setup: _Setup, written: ast.expr) -> Iterator[bytes]:
    """Yield digests of what an expression asks the student's functions."""
    for node in ast.walk(written):
        if isinstance(node, ast.Call) and _asks(setup, node.func):
            given = [*node.args, *(word.value for word in node.keywords)]
            if not any(_asks(setup, value) for value in given):  # what it asks with is the inner call's
                yield digest_of([encode(_value(setup.namespace, value)) for value in given])


def _asks(setup: _Setup, node: ast.expr) -> bool:
    return any(isinstance(part, ast.Name) and setup.is_students(part.id) for part in ast.walk(node))


def _value(namespace: Mapping[str, object], node: ast.expr) -> object:
    code = compile(ast.fix_missing_locations(ast.Expression(node)), "<example>", "eval")
    return eval(code, dict(namespace))  # noqa: S307  (the instructor's)
