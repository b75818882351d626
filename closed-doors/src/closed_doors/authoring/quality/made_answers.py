"""Wrong answers to an exercise that nobody has labelled any for, made of what the master holds.

They are what students hand in first: what was handed out, functions that give nothing, and the solution with one small
mistake. A mistake may be none: such an answer earns everything, and no attack can be paid for it.
"""

import ast

from closed_doors.authoring.quality.grade_one_answer import Exercise
from closed_doors.authoring.quality.labelled_answers import Answer
from closed_doors.authoring.quality.make_mutants import mutants_of

MUTANTS = 3  # an exercise; each is tried with every attack
_KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


def made_answers(assignment: str, exercise: Exercise) -> list[Answer]:
    """Return wrong answers to an exercise; each is a cell that runs to its end, so that what is below it runs too.

    Args:
        assignment: whose exercise it is.
        exercise: its solution is what they are made of.

    Raises:
        QualityError: mutmut, which makes small mistakes, is not installed.
    """
    made = {"as-handed-out": as_handed_out(exercise.handed_out)}
    if _parsed(exercise.solution):
        made["gives-nothing"] = giving_nothing(exercise.solution)
        mutants = mutants_of(exercise.name, exercise.solution, exercise.modules)
        chosen = mutants[:: max(1, len(mutants) // MUTANTS)][:MUTANTS]
        made |= {f"mutant-{number}": mutant.source for number, mutant in enumerate(chosen, start=1)}
    return [Answer(assignment, exercise.name, False, name, "", (), source) for name, source in made.items()]


def as_handed_out(stub: str) -> str:
    """Return what is handed out; without the stubs that would end the cell, where they stand outside of functions."""
    tree = _parsed(stub)
    return ast.unparse(ast.Module([node for node in tree.body if not isinstance(node, ast.Raise)], [])) if tree else ""


def giving_nothing(solution: str) -> str:
    """Return a solution whose functions and methods return None, and whose names are None; nothing else is left."""
    tree = ast.parse(solution)
    kept = [node for node in tree.body if isinstance(node, _KEPT)]
    return ast.unparse(ast.fix_missing_locations(ast.Module([_Nothing().visit(node) for node in kept], [])))


class _Nothing(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [ast.Return(ast.Constant(None))]
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.body = [ast.Return(ast.Constant(None))]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(one) if isinstance(one, ast.FunctionDef) else one for one in node.body]
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        plain = all(isinstance(target, ast.Name) for target in node.targets)
        return ast.Assign(node.targets, ast.Constant(None)) if plain else ast.Pass()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return ast.AnnAssign(node.target, node.annotation, ast.Constant(None), node.simple)


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except SyntaxError:  # a cell with magics
        return None
