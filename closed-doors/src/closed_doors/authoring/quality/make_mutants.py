"""Mutants of a solution cell: the same cell with one small mistake in it, made by mutmut's operators and by ours."""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from closed_doors.authoring.quality.mutation_operators import Operator, field_operators
from closed_doors.core.errors import QualityError


@dataclass(frozen=True, slots=True)
class Mutant:
    """A solution with one mistake.

    Attributes:
        exercise: whose solution.
        where: the function or method that holds the mistake, such as `Block.forward`.
        before: the lines that are changed, as the master has them, without indentation.
        after: what stands there instead.
        operator: what made it.
        source: the whole cell.
    """

    exercise: str
    where: str
    before: str
    after: str
    operator: str
    source: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it from others, whatever else changes in the cell."""
        return self.exercise, self.where, self.before, self.after

    @property
    def diff(self) -> list[str]:
        """The change, as lines that begin with - and +."""
        return [f"- {line}" for line in self.before.splitlines()] + [f"+ {line}" for line in self.after.splitlines()]


def mutants_of(exercise: str, source: str, modules: frozenset[str]) -> list[Mutant]:
    """Return the mutants of a solution cell, in the order of the changes; no two are the same program.

    Texts of errors and docstrings are left alone: contracts name an error's type, not its text.

    Args:
        exercise: whose solution it is.
        source: the cell.
        modules: names that stand for modules there, such as np.

    Raises:
        QualityError: mutmut is not installed.
    """
    operators = _all_operators(modules)
    module = cst.parse_module(source)
    seen = {ast.dump(ast.parse(source))}
    found = []
    for node, where in _nodes(module, ()):
        for kind, operator in operators:
            for changed in operator(node) if isinstance(node, kind) else ():
                text = cst.ensure_type(module.deep_replace(node, changed), cst.Module).code
                if (program := _program(text)) is None or program in seen:
                    continue
                seen.add(program)
                before, after = _change(source, text)
                name = operator.__name__.removeprefix("operator_")
                found.append(Mutant(exercise, ".".join(where), before, after, name, text))
    return found


def _all_operators(modules: frozenset[str]) -> list[tuple[type, Operator]]:
    try:
        from mutmut.mutation.mutators import mutation_operators  # an optional library
    except ImportError as error:
        raise QualityError("Mutants are made by mutmut, which is not installed: pip install mutmut.") from error
    return [*mutation_operators, *field_operators(modules)]


def _nodes(node: cst.CSTNode, where: tuple[str, ...]) -> Iterator[tuple[cst.CSTNode, tuple[str, ...]]]:
    """Yield what may be changed, each with the names of the functions and classes around it."""
    yield node, where
    if isinstance(node, cst.Raise):
        return
    if isinstance(node, cst.FunctionDef | cst.ClassDef):
        where = (*where, node.name.value)
    for child in node.children:
        yield from _nodes(child, where)


def _program(text: str) -> str | None:
    """Return what a text means, whatever its layout; None where it is no Python."""
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return None


def _change(source: str, text: str) -> tuple[str, str]:
    lines = list(difflib.ndiff(source.splitlines(), text.splitlines()))
    sides = ("\n".join(line[2:].strip() for line in lines if line.startswith(sign)) for sign in ("- ", "+ "))
    return next(sides), next(sides)
