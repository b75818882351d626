"""Exécute les tests de la cellule qui appelle, et affiche ce qu'ils ont donné."""

import sys
from collections.abc import Callable
from contextlib import ExitStack

from .capture import (
    Interruption,
    TimeLimitExceeded,
    figures_closed,
    silent_stderr,
    standard_output,
    time_limit,
)
from .collect import CollectedTest, collect
from .draw import clean
from .explain import explain
from .render import render
from .report import CellReport, Criterion, Kind

LONGEST_OUTPUT = 1000
AFTER_A_TIMEOUT_S = 1.0

# Called by run_tests with each report; closed-door grading registers itself here.
observers: list[Callable[[CellReport], None]] = []


def run_tests(points: float = 0, timeout_s: float = 5) -> float:
    """Exécute les fonctions test_… de la cellule, affiche ✓ ou ✗ pour chacune et renvoie les points obtenus.

    Ce que l'étudiant a écrit ne peut pas la faire échouer : une erreur, une boucle sans fin ou une fonction
    absente donne un critère manqué et une explication.

    Args:
        points: points de la cellule, partagés entre les critères selon leur poids ; 0 pour un bonus.
        timeout_s: temps accordé à chaque critère, en secondes. Quand un critère l'a dépassé, les suivants
            n'ont plus qu'une seconde.

    Returns:
        Les points obtenus, de 0 à `points` : c'est le crédit partiel que lit nbgrader.
    """
    frame = sys._getframe(1)
    filename = frame.f_code.co_filename
    criteria: list[Criterion] = []
    interruption = Interruption()
    with ExitStack() as stack:
        for context in (silent_stderr(), figures_closed(), interruption.watch()):
            stack.enter_context(context)
        for test in collect(frame.f_globals, filename):
            slow = any(criterion.kind is Kind.TOO_SLOW for criterion in criteria)
            limit = min(timeout_s, AFTER_A_TIMEOUT_S) if slow else timeout_s
            criteria.append(_judged(test, filename, limit, interruption))
    report = CellReport(tuple(criteria), float(points))
    print(render(report))  # noqa: T201  (le rapport est fait pour être lu sous la cellule)
    for observer in observers:
        observer(report)
    return report.earned


def _judged(test: CollectedTest, filename: str, limit_s: float, interruption: Interruption) -> Criterion:
    kind, message = Kind.PASSED, ""
    with standard_output(LONGEST_OUTPUT) as output:
        try:
            with time_limit(limit_s):
                for arguments in test.cases:
                    test.function(**arguments)
        except BaseException as error:  # SystemExit compris : rien de l'étudiant n'arrête la correction
            if interruption.happened and not isinstance(error, TimeLimitExceeded):
                raise
            kind, message = explain(error, filename, test.hidden, limit_s)
    printed = "" if test.hidden else clean(output.getvalue().strip(), LONGEST_OUTPUT)
    return Criterion(test.name, test.text, test.weight, test.hidden, kind, message, printed)
