"""Traduit l'échec d'un test en une phrase pour l'étudiant : quelle fonction, ce qui était attendu, ce qui est venu."""

import ast
import linecache
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType, FunctionType, TracebackType
from typing import Any

from .capture import TimeLimitExceeded
from .draw import VISIBLE_GAP, as_array, clean, comparison, is_mask, number, positional, short, type_name
from .report import Kind, Masks

Explained = tuple[Kind, str]

WITHOUT_DETAILS = {
    Kind.NOT_DEFINED: "Une fonction demandée n'existe pas encore.",
    Kind.NOT_WRITTEN: "Une fonction demandée n'est pas encore écrite.",
    Kind.NOT_RAISED: "Une erreur était attendue, et votre code n'en a levé aucune.",
    Kind.TOO_SLOW: "Votre code n'a pas répondu à temps.",
    Kind.RETURNED_NONE: "Votre fonction renvoie None : il manque sans doute un return.",
    Kind.WRONG_TYPE: "Le résultat n'est pas du type demandé.",
    Kind.WRONG_SHAPE: "La forme du résultat n'est pas celle demandée.",
    Kind.WRONG_VALUES: "Le résultat n'est pas celui attendu sur d'autres exemples que ceux de l'énoncé.",
    Kind.NO_GRADIENT: "Un gradient manque : quelque chose coupe le calcul.",
    Kind.FAILED: "La condition vérifiée n'est pas remplie.",
    Kind.CHANGED_INPUT: "Votre code modifie les valeurs qu'il reçoit : elles doivent rester comme elles étaient.",
    Kind.INTERNAL: "La vérification elle-même a échoué : signalez-le à votre enseignant.",
}


_UNPACKING = re.compile("values to unpack|cannot unpack|over a 0-d tensor")


class UnusableValueError(TypeError):
    """Une valeur que la vérification ne peut ni lire ni comparer ; le message le dit à l'étudiant."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Un échec : l'exception, et les cadres d'exécution qu'elle a traversés, du plus ancien au plus récent."""

    error: BaseException
    frames: list[tuple[FrameType, int]]
    filename: str

    @property
    def in_cell(self) -> list[tuple[FrameType, int]]:
        """Les cadres de la cellule de test."""
        return [(frame, line) for frame, line in self.frames if frame.f_code.co_filename == self.filename]

    @property
    def raised_by_student(self) -> bool:
        """Vrai si l'erreur est née dans le code de l'étudiant, ici ou, à la correction, dans un autre processus."""
        return bool(self.student) or hasattr(self.error, "student_place")

    @property
    def student(self) -> list[tuple[FrameType, int]]:
        """Les cadres du code de l'étudiant : même espace de noms que la cellule, autre fichier."""
        if not self.in_cell:
            return []
        namespace = self.in_cell[0][0].f_globals
        return [
            (frame, line)
            for frame, line in self.frames
            if frame.f_globals is namespace and frame.f_code.co_filename != self.filename
        ]

    @property
    def place(self) -> tuple[int, str, str] | None:
        """La dernière ligne du code de l'étudiant que l'erreur a traversée : son numéro, son texte, sa fonction."""
        if self.student:
            frame, line = self.student[-1]
            return line, linecache.getline(frame.f_code.co_filename, line).strip(), frame.f_code.co_name
        place: tuple[int, str, str] | None = getattr(self.error, "student_place", None)
        return place

    @property
    def is_a_stub(self) -> bool:
        """Vrai si c'est `raise NotImplementedError()` lui-même, et non PyTorch qui ne sait pas faire une opération."""
        return isinstance(self.error, NotImplementedError) and (
            self.place is None or NotImplementedError.__name__ in self.place[1]
        )


def explain(error: BaseException, filename: str, hidden: bool, limit_s: float) -> Explained:
    """Dit ce qui est arrivé à un test qui a échoué.

    Args:
        error: l'exception sortie du test.
        filename: nom de fichier de la cellule de test.
        hidden: pour un test caché, le message ne contient aucune valeur, aucun argument, aucun texte d'erreur.
        limit_s: temps accordé au test, en secondes.

    Returns:
        Le genre d'échec et le message.
    """
    failure = Failure(error, _frames(error.__traceback__), filename)
    kind, message = _explained(failure, limit_s)
    if not hidden:
        return kind, message
    if kind is Kind.RAISED:
        return kind, f"Votre code a levé une erreur {_builtin_name(error)}."
    return kind, WITHOUT_DETAILS[kind]


def compared_masks(error: BaseException, filename: str) -> Masks | None:
    """Renvoie les deux masques que comparait un test visible quand il a échoué ; None s'il comparait autre chose.

    Args:
        error: l'exception sortie du test.
        filename: nom de fichier de la cellule de test.
    """
    compared = _compared_values(Failure(error, _frames(error.__traceback__), filename))
    got, wanted = map(as_array, compared or (None, None))
    if got is None or wanted is None or got.shape != wanted.shape or not (is_mask(got) and is_mask(wanted)):
        return None
    return Masks(_rows(wanted), _rows(got))


def _rows(mask: Any) -> tuple[str, ...]:
    return tuple("".join("1" if value else "0" for value in row) for row in mask.tolist())


def _explained(failure: Failure, limit_s: float) -> Explained:
    error = failure.error
    if isinstance(error, TimeLimitExceeded):
        return Kind.TOO_SLOW, (
            f"{_call(failure)} ne répond pas en {number(limit_s)} s : une boucle ne finit-elle jamais ?"
            f"{_place(failure)}"
        )
    if isinstance(error, UnusableValueError):
        return Kind.WRONG_TYPE, f"{_call(failure)} : {error}"
    if isinstance(error, NameError) and not failure.raised_by_student:
        name = error.name or "demandée"
        return (
            Kind.NOT_DEFINED,
            f"La fonction {name} n'existe pas encore : écrivez-la, puis exécutez sa cellule.",
        )
    if failure.is_a_stub:
        return Kind.NOT_WRITTEN, f"{_function(failure)} n'est pas encore écrite (raise NotImplementedError)."
    if any(base.__name__ == "OutcomeException" for base in type(error).__mro__):  # pytest.raises
        return _not_raised(failure)
    if compared := _compared_values(failure):
        return _compare(failure, *compared)
    if (unpacked := _unpacked(failure)) is not None:
        return unpacked
    if isinstance(error, RuntimeError) and not failure.raised_by_student and "not require grad" in str(error):
        return _no_gradient(failure)
    if isinstance(error, AssertionError) and not failure.raised_by_student:
        return _assertion(failure)
    return _raised(failure)


def _not_raised(failure: Failure) -> Explained:
    expected = re.search(r"DID NOT RAISE (?:<class ')?(?:\w+\.)*(\w+)", str(failure.error))
    name = expected[1] if expected else "une erreur"
    return Kind.NOT_RAISED, f"{_call(failure)} devait lever {name}, et n'a levé aucune erreur."


def _compared_values(failure: Failure) -> tuple[Any, Any] | None:
    """Ce que comparait numpy.testing ou torch.testing quand le test a échoué : (obtenu, attendu)."""
    for frame, _ in failure.frames:
        module = frame.f_globals.get("__name__", "")
        values = frame.f_locals
        if module.startswith(("numpy.testing", "torch.testing")) and "actual" in values:
            for other in ("desired", "expected"):
                if other in values:
                    return _unwrapped(values["actual"]), values[other]
    return None


def _unwrapped(value: Any) -> Any:
    """Ce que NumPy a mis dans un tableau sans dimension pour le comparer, None par exemple."""
    return value.item() if type(value).__name__ == "ndarray" and value.dtype == object and not value.ndim else value


def _compare(failure: Failure, obtained: Any, expected: Any) -> Explained:
    call = _call(failure)
    if obtained is None:
        return _no_gradient(failure) if _compares_a_gradient(failure) else _returned_none(failure)
    got, wanted = as_array(obtained), as_array(expected)
    if wanted is None:
        return Kind.WRONG_VALUES, f"{call} : attendu {short(expected)}, obtenu {short(obtained)}."
    if got is None:
        return (
            Kind.WRONG_TYPE,
            f"{call} renvoie {type_name(obtained)} ; il faut {_numbers_like(expected)}.",
        )
    if not wanted.ndim and (got != wanted).any():  # pour NumPy, un nombre vaut un tableau plein de ce nombre
        wanted = wanted.repeat(got.size).reshape(got.shape)
    if got.shape != wanted.shape:
        return Kind.WRONG_SHAPE, f"{call} : forme attendue {wanted.shape}, forme obtenue {got.shape}."
    if got.dtype != wanted.dtype and (got == wanted).all():
        types = f"attendu {wanted.dtype}, obtenu {got.dtype}"
        return Kind.WRONG_TYPE, f"{call} : les valeurs sont justes, mais pas le type des nombres : {types}."
    return Kind.WRONG_VALUES, f"{call} : {_counted(got, wanted)}\n{comparison(got, wanted)}"


def _numbers_like(expected: Any) -> str:
    """Ce qui convient là où le test compare avec cette valeur ; une liste y est souvent écrite pour un tableau."""
    name = type_name(expected)
    return f"{name} de nombres" if name == "un tenseur PyTorch" else "un tableau de nombres"


def _counted(got: Any, wanted: Any) -> str:
    if (got != got).any() and not (wanted != wanted).any():
        return "le résultat contient des nan (« pas un nombre »)."
    differing, gap = got != wanted, ""
    if got.dtype.kind == "f" or wanted.dtype.kind == "f":
        gaps = abs(got.astype(float) - wanted.astype(float))
        if (gaps > VISIBLE_GAP).any():
            differing = gaps > VISIBLE_GAP
        elif (gaps > 0).any():
            gap = f", de {positional(gaps[gaps > 0].max())} au plus"
    count = int(differing.sum())
    values = "1 valeur différente" if count == 1 else f"{count} valeurs différentes"
    return f"{values} sur {differing.size}{gap}."


def _unpacked(failure: Failure) -> Explained | None:
    """Ce qu'il faut dire d'un test qui prend plusieurs résultats et n'en reçoit pas ce nombre ; None sinon."""
    error = failure.error
    if failure.raised_by_student or not isinstance(error, TypeError | ValueError) or not _UNPACKING.search(str(error)):
        return None
    if "NoneType" in str(error):
        return _returned_none(failure)
    for node in _at_line(failure):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=elements)]) if len(elements) > 1:
                wanted = f"{len(elements)} valeurs, séparées par une virgule après return"
                return Kind.WRONG_TYPE, f"{_call(failure)} doit renvoyer {wanted}."
    return None


def _returned_none(failure: Failure) -> Explained:
    return Kind.RETURNED_NONE, f"{_call(failure)} renvoie None : il manque sans doute un return."


def _no_gradient(failure: Failure) -> Explained:
    return Kind.NO_GRADIENT, (
        f"{_call(failure)} : un gradient manque. Quelque chose coupe le calcul entre les entrées et le résultat."
    )


def _compares_a_gradient(failure: Failure) -> bool:
    """Vrai si la première valeur comparée est le gradient d'un tenseur, comme dans `assert_allclose(x.grad, …)`."""
    calls = [node for node in _at_line(failure) if isinstance(node, ast.Call)]
    return any(isinstance(call.args[0], ast.Attribute) and call.args[0].attr == "grad" for call in calls if call.args)


def _at_line(failure: Failure) -> Iterator[ast.stmt | ast.expr]:
    """Les instructions et les expressions de la cellule de test qui passent par la ligne où elle en était."""
    line = failure.in_cell[-1][1] if failure.in_cell else 0
    for node in ast.walk(_parsed(failure.filename)):
        if isinstance(node, ast.stmt | ast.expr) and node.lineno <= line <= (node.end_lineno or node.lineno):
            yield node


def _assertion(failure: Failure) -> Explained:
    text = str(failure.error)
    frame = failure.in_cell[-1][0] if failure.in_cell else None
    condition = next((node.test for node in _at_line(failure) if isinstance(node, ast.Assert)), None)
    kind = Kind.FAILED
    match condition:
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), *_]) if frame is not None:
            value = frame.f_locals.get(name)
            if value is None:
                return _returned_none(failure)
            return Kind.WRONG_TYPE, f"{text or _call(failure)} Obtenu : {type_name(value)}."
        case ast.Compare(left=ast.Attribute(attr="grad"), ops=[ast.IsNot()]) if not text:
            return _no_gradient(failure)
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]) if frame is not None:
            if "shape" in ast.unparse(left):
                kind = Kind.WRONG_SHAPE
            shown = _evaluated(left, frame), _evaluated(right, frame)
            if not text and None not in shown:
                what = "forme attendue" if kind is Kind.WRONG_SHAPE else "attendu"
                return kind, f"{_call(failure)} : {what} {shown[1]}, obtenu {shown[0]}."
    if text:
        return kind, clean(text, 400)
    said = f" : {ast.unparse(condition)}" if condition is not None else ""
    return kind, f"{_call(failure)} : la condition vérifiée n'est pas remplie{said}."


def _raised(failure: Failure) -> Explained:
    error = failure.error
    name = clean(type(error).__name__, 60)
    if isinstance(error, ImportError) and not failure.raised_by_student:
        return Kind.INTERNAL, WITHOUT_DETAILS[Kind.INTERNAL]
    if isinstance(error, RecursionError):
        return (
            Kind.RAISED,
            f"{_call(failure)} s'appelle elle-même sans fin (RecursionError).{_place(failure)}",
        )
    if not failure.raised_by_student and isinstance(error, AttributeError) and error.obj is None:
        return _returned_none(failure)
    if not failure.raised_by_student and isinstance(error, TypeError) and "argument" in str(error):
        text = _message(error)
        return Kind.RAISED, f"{_call(failure)} ne peut pas être appelée comme le demande l'énoncé : {text}"
    return Kind.RAISED, f"{_call(failure)} a levé {name} : {_message(error)}{_place(failure)}"


def _builtin_name(error: BaseException) -> str:
    """Le type d'erreur de Python dont celui de l'étudiant dérive : un nom libre pourrait porter un secret."""
    return next((kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"), "Exception")


def _message(error: BaseException) -> str:
    try:
        return clean(" ".join(str(error).split()), 300) or "(sans message)"
    except Exception:  # le __str__ d'une exception écrite par l'étudiant peut tout faire
        return "(message illisible)"


def _place(failure: Failure) -> str:
    """La ligne du code de l'étudiant où l'erreur est née, avec son texte."""
    line, source, function = failure.place or (0, "", "")
    elsewhere = "" if not function.isidentifier() or function in _call(failure) else f", dans {clean(function, 60)}"
    return f"\n    ligne {line} de la cellule{elsewhere} : {clean(source, 100)}" if source else ""


def _function(failure: Failure) -> str:
    if failure.student:
        return clean(failure.student[-1][0].f_code.co_name, 60)
    return _call(failure).split("(", 1)[0]


def _call(failure: Failure) -> str:
    """L'appel du code de l'étudiant dont parle l'échec, avec ses arguments simples : « create_mask(3) »."""
    for frame, line in reversed(failure.in_cell):
        for call in reversed(list(_calls_before(frame, line, failure.filename))):
            name = _caller(call)
            value = frame.f_locals.get(name, frame.f_globals.get(name))
            if _is_foreign(value, failure.filename, frame.f_globals):
                return _written_call(call, value, frame)
    if failure.student:
        return clean(failure.student[0][0].f_code.co_name, 60)
    return "Votre code"


def _calls_before(frame: FrameType, line: int, filename: str) -> Iterator[ast.Call]:
    """Les appels `nom(…)` et `nom.methode(…)` écrits dans la fonction du cadre, jusqu'à la ligne donnée."""
    tree = _parsed(filename)
    first = frame.f_code.co_firstlineno
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and node.lineno == line:  # pytest.raises fails on leaving its block
            line = node.end_lineno or line
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and _caller(node) and first <= node.lineno <= line
    ]
    yield from sorted(calls, key=lambda node: (node.lineno, -node.col_offset))


def _caller(call: ast.Call) -> str:
    """Le nom qui est appelé, ou dont une méthode est appelée ; vide si l'appel s'écrit autrement."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name)):
            return name
    return ""


def _is_foreign(value: Any, filename: str, namespace: dict[str, Any]) -> bool:
    """Vrai pour une fonction, une classe ou un objet de l'étudiant, tels que les voit la cellule de test."""
    if isinstance(value, FunctionType):
        return value.__code__.co_filename != filename and value.__globals__ is namespace
    kind = value if isinstance(value, type) else type(value)
    return kind.__module__ == namespace.get("__name__") or (
        callable(value) and kind.__module__.startswith("closed_doors.")
    )


def _written_call(call: ast.Call, value: Any, frame: FrameType) -> str:
    name = _name_of(value, call, frame.f_globals)
    if isinstance(call.func, ast.Attribute):
        name = f"{name if isinstance(value, type) else type(value).__name__}.{call.func.attr}"
    arguments = [_evaluated(argument, frame) or ast.unparse(argument) for argument in call.args]
    arguments += [f"{word.arg}={_evaluated(word.value, frame) or ast.unparse(word.value)}" for word in call.keywords]
    return clean(f"{name}({', '.join(arguments)})", 120)


def _name_of(value: Any, call: ast.Call, namespace: dict[str, Any]) -> str:
    """Le nom que le notebook donne à une valeur de l'étudiant, même là où le test l'appelle autrement."""
    if isinstance(value, FunctionType | type) and value.__name__.isidentifier():
        return value.__name__
    return next((name for name, other in namespace.items() if other is value), _caller(call))


def _evaluated(node: ast.expr, frame: FrameType) -> str | None:
    """La valeur d'une expression sans appel, si elle tient en peu de caractères ; None sinon."""
    if any(isinstance(part, ast.Call) and ast.unparse(part.func) != "tuple" for part in ast.walk(node)):
        return None
    try:
        value = eval(  # noqa: S307  (l'expression est une ligne de la cellule de test, pas du code d'étudiant)
            compile(ast.Expression(node), "<test>", "eval"), frame.f_globals, dict(frame.f_locals)
        )
    except Exception:
        return None
    return repr(value) if isinstance(value, bool | int | float | str | tuple) and len(repr(value)) < 60 else None


def _parsed(filename: str) -> ast.Module:
    try:
        return ast.parse("".join(linecache.getlines(filename)))
    except SyntaxError:  # une cellule qui contient des commandes IPython
        return ast.Module([], [])


def _frames(traceback: TracebackType | None) -> list[tuple[FrameType, int]]:
    found = []
    while traceback is not None:
        found.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return found
