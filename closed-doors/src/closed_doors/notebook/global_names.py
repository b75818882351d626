"""The global names that a cell of plain Python uses, binds and deletes."""

import ast
import builtins
import functools
import symtable
from collections.abc import Iterable, Iterator

_LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)  # what runs when it is called, if at all
_CHANGING = frozenset(
    (
        *("add", "append", "appendleft", "clear", "difference_update", "discard", "extend", "extendleft", "fill"),
        *("insert", "intersection_update", "pop", "popitem", "popleft", "remove", "reverse", "rotate", "setdefault"),
        *("sort", "subtract", "symmetric_difference_update", "update"),
    )
)

_CHANGEABLE = frozenset(("DiGraph", "Graph", "MultiDiGraph", "MultiGraph", "axes", "figure", "subplots"))


@functools.lru_cache(maxsize=8192)
def free_names(source: str) -> frozenset[str]:
    """Return the global names that a cell uses and does not bind itself."""
    return used_names(source) - bound_names(source)


@functools.lru_cache(maxsize=8192)
def bound_names(source: str) -> frozenset[str]:
    """Return the global names that a cell assigns, defines, imports or deletes at its top level."""
    symbols = symtable.symtable(source, "cell", "exec").get_symbols()
    return frozenset(symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported())


@functools.lru_cache(maxsize=8192)
def defined_names(source: str) -> frozenset[str]:
    """Return the global names that a cell assigns or defines at its top level; those that it imports are none."""
    symbols = symtable.symtable(source, "cell", "exec").get_symbols()
    return frozenset(symbol.get_name() for symbol in symbols if symbol.is_assigned() and not symbol.is_imported())


@functools.lru_cache(maxsize=8192)
def used_names(source: str) -> frozenset[str]:
    """Return the global names that a cell reads or deletes, whether it binds them or not."""
    used: set[str] = set()
    tables = [symtable.symtable(source, "cell", "exec")]
    while tables:
        current = tables.pop()
        at_top = current.get_type() == "module"
        used |= {s.get_name() for s in current.get_symbols() if s.is_referenced() and (at_top or s.is_global())}
        tables += current.get_children()
    return frozenset(used) | deleted_names(source)


@functools.lru_cache(maxsize=8192)
def names_from_before(source: str) -> frozenset[str]:
    """Return the global names whose value from before a cell can matter to it: it reads them, and has not bound them.

    What only some ways through the cell bind, such as a loop's variable after the loop, counts as not bound.
    """
    wanted: set[str] = set()
    bound: frozenset[str] = frozenset()
    for node in ast.parse(source).body:
        wanted |= _read_by(node) - bound
        bound = (bound | _surely_bound(node)) - deleted_names(ast.unparse(node))
    return frozenset(wanted)


def _read_by(node: ast.stmt) -> frozenset[str]:
    if not isinstance(node, ast.For):
        changed = (each.target for each in ast.walk(node) if isinstance(each, ast.AugAssign))
        return used_names(ast.unparse(node)) | {each.id for each in changed if isinstance(each, ast.Name)}
    inside, after = (frozenset[str]().union(*map(_read_by, block)) for block in (node.body, node.orelse))
    targets = {node.target.id} if isinstance(node.target, ast.Name) else set[str]()
    return used_names(ast.unparse(node.iter)) | (inside - targets) | after


def _surely_bound(node: ast.stmt) -> frozenset[str]:
    simple = (ast.Assign, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return bound_names(ast.unparse(node)) if isinstance(node, simple) else frozenset()


@functools.lru_cache(maxsize=8192)
def deleted_names(source: str) -> frozenset[str]:
    """Return the global names that a cell deletes at its top level or in a block of it."""
    deleted = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Delete))
    return frozenset(target.id for node in deleted for target in node.targets if isinstance(target, ast.Name))


@functools.lru_cache(maxsize=8192)
def names_changed(source: str) -> frozenset[str]:
    """Return the names whose objects a cell changes in place as it runs: by an element, an attribute or a method.

    A method counts where its name says so in Python's own collections, or where it is called with `inplace=True`.
    """
    changed: set[str] = set()
    nodes: list[ast.AST] = list(ast.parse(source).body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, _LATER):
            continue
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            changed |= _root(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _changes(node, node.func.attr):
            changed |= _root(node.func)
        nodes += ast.iter_child_nodes(node)
    return frozenset(changed)


def may_tell_copies(source: str, theirs: Iterable[str]) -> bool:
    """Whether a cell could tell something of the student's from its copy: it changes it in place, or asks what it is.

    Args:
        source: the cell, in plain Python.
        theirs: the names that mean the student's.
    """
    looked_at, flows = looks_at_copies(source)
    found = set(theirs)
    for _ in range(2 if looked_at else 0):  # what is made of what is theirs, and what they are given
        found |= frozenset().union(*(targets for targets, sources in flows if sources & found))
    return not looked_at.isdisjoint(found)


@functools.lru_cache(maxsize=8192)
def looks_at_copies(source: str) -> tuple[frozenset[str], tuple[tuple[frozenset[str], frozenset[str]], ...]]:
    """Return the names of what a cell changes in place or asks to be the same, and which names take from which."""
    nodes = list(ast.walk(ast.parse(source)))
    looked_at = frozenset().union(*(_names_in(part) for node in nodes for part in _looked_at(node)))
    return looked_at, tuple(flow for node in nodes for flow in _flows(node)) if looked_at else ()


def _looked_at(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
            return [value]
        case ast.AugAssign(target=target):
            return [target]
        case ast.Call(func=ast.Name(id="id"), args=args):
            return args
        case ast.Call(func=ast.Attribute(attr="shares_memory" | "may_share_memory"), args=args):
            return args
        case ast.Attribute(value=value, attr="base" | "flags"):
            return [value]
        case ast.Call(func=ast.Attribute(value=value, attr=method)) if _changes(node, method):
            return [value]
        case ast.Compare(left=left, ops=ops, comparators=others):
            asked = (other for op, other in zip(ops, others, strict=True) if isinstance(op, ast.Is | ast.IsNot))
            return [] if all(isinstance(other, ast.Constant) for other in asked) else [left, *others]
    return []


def _flows(node: ast.AST) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield frozenset().union(*map(_names_in, targets)), _names_in(value)
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            yield _names_in(target), _names_in(value)
        case ast.NamedExpr(target=target, value=value):
            yield _names_in(target), _names_in(value)
        case ast.withitem(optional_vars=ast.expr() as target, context_expr=value):
            yield _names_in(target), _names_in(value)
        case ast.FunctionDef(name=name, args=arguments):
            yield frozenset(each.arg for each in arguments.args), frozenset((name,))
        case ast.Call(func=function, args=args, keywords=words):
            given = frozenset().union(*map(_names_in, (*args, *(word.value for word in words))))
            yield given, _names_in(function)
            if isinstance(function, ast.Name) and not hasattr(builtins, function.id):
                yield frozenset((function.id,)), given


def _names_in(node: ast.AST) -> frozenset[str]:
    return frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))


@functools.lru_cache(maxsize=8192)
def classes_defined(source: str) -> frozenset[str]:
    """Return the classes that a cell defines at its top level."""
    return frozenset(node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef))


@functools.lru_cache(maxsize=8192)
def objects_made(source: str, lessons: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the global names that a cell gives to objects that methods change: of classes, graphs, figures.

    Args:
        source: the cell, in plain Python.
        lessons: the classes that cells of the lesson have defined, besides its own.
    """
    tree = ast.parse(source)
    classes = classes_defined(source) | lessons | _CHANGEABLE
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            made = ast.unparse(node.value.func).rpartition(".")[2]
            targets = (name for target in node.targets for name in ast.walk(target) if made in classes)
            found |= {name.id for name in targets if isinstance(name, ast.Name)}
    return frozenset(found)


@functools.lru_cache(maxsize=8192)
def names_told(source: str) -> frozenset[str]:
    """Return the names whose methods a cell calls for what they do, not for what they give."""
    calls = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr))
    found = (call.func for call in calls if isinstance(call, ast.Call))
    return frozenset().union(*(_root(function) for function in found if isinstance(function, ast.Attribute)))


def _changes(call: ast.Call, method: str) -> bool:
    in_place = any(word.arg == "inplace" and ast.unparse(word.value) == "True" for word in call.keywords)
    return in_place or method in _CHANGING


def _root(node: ast.expr) -> set[str]:
    """Return the name that a chain of attributes and elements begins with."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()
