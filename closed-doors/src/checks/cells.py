"""Ce que le texte d'une cellule dit d'elle : les noms qu'elle définit, et ce qui y reste à écrire."""

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import FrameType, TracebackType

from .catalogues import say

UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)  # what ast.parse raises, by what a cell holds


@dataclass(frozen=True, slots=True)
class DefiningCell:
    """Une cellule qui définit une fonction demandée, et ce que sa dernière exécution a donné.

    Attributes:
        source: son texte, en Python.
        error: type de l'erreur qui l'a arrêtée ; vide si rien ne l'a arrêtée.
        text: message de cette erreur.
        line: ligne de la cellule où l'erreur est née, à partir de 1 ; 0 si elle n'est pas connue.
    """

    source: str
    error: str = ""
    text: str = ""
    line: int = 0


def cut_off(source: str, seconds: float | None) -> DefiningCell:
    """Renvoie une cellule dont l'exécution n'est pas arrivée à son terme.

    Args:
        source: son texte, en Python.
        seconds: le temps qu'elle a dépassé ; None si elle a arrêté le programme.
    """
    if seconds is None:
        return DefiningCell(source, "SystemExit", say("cell.ended_program"))
    return DefiningCell(source, "TimeoutError", say("cell.out_of_time", seconds=float(seconds)))


@functools.lru_cache(maxsize=64)
def parsed(source: str) -> ast.Module:
    """Renvoie l'arbre d'une cellule, vide si ce n'est pas du Python ; il sert à d'autres : ne le changez pas."""
    try:
        return ast.parse(source)
    except UNREADABLE:
        return ast.Module([], [])


def names_defined(source: str, before_line: int | None = None) -> set[str]:
    """Renvoie les noms globaux que la cellule définit.

    Args:
        source: le texte de la cellule, en Python.
        before_line: ne compte que les instructions qui finissent avant cette ligne ; toutes sans elle.
    """
    tree = parsed(source)
    done = [node for node in tree.body if before_line is None or (node.end_lineno or node.lineno) < before_line]
    return {name for statement in done for name in names_bound(statement)}


def probable_names(source: str) -> set[str]:
    """Renvoie les noms que définirait une cellule, même si une erreur de syntaxe empêche de la lire en entier."""
    if names := names_defined(source):
        return names
    return {name for line in source.splitlines() if (name := _begun(line))}


def below_cell_magic(written: str) -> str | None:
    """Renvoie le Python sous une commande comme %%time, à la même ligne ; None si la cellule n'en a pas."""
    if not written.lstrip().startswith("%%"):
        return None
    blank, _, rest = written.partition("%%")
    return f"{blank}\n{rest.partition(chr(10))[2]}"


def only_a_stub(source: str, line: int) -> bool:
    """Vrai si la fonction qui contient cette ligne n'a pas d'autre instruction que `raise NotImplementedError()`."""
    functions = [
        node
        for node in ast.walk(parsed(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    if not functions:
        return True
    innermost = max(functions, key=lambda node: node.lineno)
    return len([node for node in innermost.body if not _says_nothing(node) and not _calls_super(node)]) <= 1


def _calls_super(node: ast.stmt) -> bool:
    """Vrai pour `super().__init__()`, que l'énoncé d'une classe donne d'avance."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super"))))):
            return True
    return False


def error_text(error: BaseException) -> str:
    """Renvoie le message d'une erreur qui a arrêté une cellule, sur une ligne."""
    return str(error.msg) if isinstance(error, SyntaxError) else " ".join(str(error).split())


def error_line(error: BaseException, namespace: dict[str, object]) -> int:
    """Renvoie la ligne de la cellule où l'erreur est née, ou par où elle est passée ; 0 si elle n'est pas connue.

    Args:
        error: ce qui a arrêté la cellule.
        namespace: les noms globaux du notebook.
    """
    if isinstance(error, SyntaxError) and error.lineno:
        return error.lineno
    frames = _frames(error.__traceback__)
    return next((line for line, frame in frames if frame.f_globals is namespace and _is_cell(frame)), 0)


def _frames(traceback: TracebackType | None) -> Iterator[tuple[int, FrameType]]:
    while traceback is not None:
        yield traceback.tb_lineno, traceback.tb_frame
        traceback = traceback.tb_next


def _is_cell(frame: FrameType) -> bool:
    return frame.f_code.co_name == "<module>" or str(frame.f_code.co_name).startswith("<cell line")


def _says_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def names_bound(statement: ast.stmt) -> set[str]:
    """Renvoie les noms que lie une instruction, sans entrer dans les fonctions et les classes."""
    names: set[str] = set()
    nodes: list[ast.AST] = [statement]
    while nodes:  # sans récursion : une instruction peut être aussi profonde que Python sait la lire
        node = nodes.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
                continue
            case ast.Lambda():
                continue
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.alias(name=name, asname=asname):
                names.add(asname or name.split(".")[0])
        nodes += ast.iter_child_nodes(node)
    return names


def _begun(line: str) -> str:
    """Le nom que commence à définir une ligne non indentée, « def nom( » par exemple."""
    for word in ("def ", "class ", "async def "):
        if line.startswith(word):
            name = line[len(word) :].replace(":", "(").split("(")[0].strip()
            return name if name.isidentifier() else ""
    return ""


def first_cause(cells: Mapping[str, DefiningCell], name: str) -> tuple[DefiningCell, str]:
    """Renvoie la cellule en échec d'où vient qu'un nom manque, et le nom que cette cellule devait définir.

    Une cellule qui s'arrête faute d'un nom renvoie à celle qui devait le définir, si elle aussi s'est arrêtée.
    """
    seen = {name}
    while (missing := _missing_name(cells[name])) and missing not in seen and missing in cells:
        if not cells[missing].error:
            break
        name = missing
        seen.add(name)
    return cells[name], name


def _missing_name(cell: DefiningCell) -> str:
    found = re.search(r"name '(\w+)' is not defined", cell.text) if cell.error == "NameError" else None
    return found[1] if found else ""


def source_with(cells: Iterable[DefiningCell], line: int, text: str) -> str:
    """Renvoie le texte de la première cellule qui a ce texte à cette ligne ; vide si aucune ne l'a."""
    for cell in cells:
        lines = cell.source.splitlines()
        if 0 < line <= len(lines) and lines[line - 1].strip() == text:
            return cell.source
    return ""


def why_it_failed(cell: DefiningCell, name: str, with_text: bool = True) -> str:
    """Dit, en une phrase, que la cellule qui définit un nom s'est arrêtée, où et pourquoi."""
    why = reason(cell, with_text)
    if cell.line:
        return say("cell.stopped_at", name=name, line=cell.line, why=why)
    return say("cell.stopped", name=name, why=why)


def reason(cell: DefiningCell, with_text: bool = True) -> str:
    """Dit en peu de mots ce qui a arrêté une cellule."""
    detail = f"{cell.error}, {cell.text}" if with_text and cell.text else cell.error
    match cell.error:
        case "NotImplementedError":
            return say("cell.left_over")
        case "SyntaxError" | "IndentationError" | "TabError":
            return say("cell.syntax", detail=detail)
        case "NameError":
            return say("cell.name", detail=detail)
        case "ModuleNotFoundError" | "ImportError":
            return say("cell.import", detail=detail)
    return detail
