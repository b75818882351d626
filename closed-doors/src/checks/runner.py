"""Exécute les tests de la cellule qui appelle, et affiche ce qu'ils ont donné."""

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

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
from .explain import WITHOUT_DETAILS, compared_masks, explain
from .render import render
from .report import CellReport, Criterion, Kind, Masks

LONGEST_OUTPUT = 1000
AFTER_A_TIMEOUT_S = 1.0

# Closed-door grading registers itself here: it judges the visible tests of every cell before any hidden one.
conductors: list[Callable[["CellRun"], None]] = []


def run_tests(points: float = 0, timeout_s: float = 5) -> float:
    """Exécute les fonctions test_… de la cellule, affiche ✓ ou ✗ pour chacune et renvoie les points obtenus.

    Ce que l'étudiant a écrit ne peut pas la faire échouer : une erreur, une boucle sans fin ou une fonction
    absente donne un critère manqué et une explication.

    Args:
        points: points de la cellule, partagés entre les critères selon leur poids ; 0 pour un bonus.
        timeout_s: temps accordé à chaque critère, en secondes. Quand un critère l'a dépassé, les suivants
            n'ont plus qu'une seconde.

    Returns:
        Les points obtenus, de 0 à `points` : c'est le crédit partiel que lit nbgrader.
    """
    frame = sys._getframe(1)
    run = CellRun(frame.f_globals, frame.f_code.co_filename, points, timeout_s)
    if conductors:
        for conductor in conductors:
            conductor(run)
        return 0.0
    run.judge(run.tests)
    report = run.report()
    # Le bouton Validate (qui pose cette variable) ne montre d'un échec que ce qui est écrit sur stderr.
    validating = "NBGRADER_VALIDATING" in os.environ and report.earned < report.points
    print(render(report), file=sys.stderr if validating else sys.stdout)
    return report.earned


class CellRun:
    """Les tests d'une cellule, et ce qu'ont donné ceux qui ont été jugés.

    Args:
        namespace: noms de la cellule, où se trouvent ses fonctions test_….
        filename: nom de fichier de la cellule.
        points: points de la cellule.
        timeout_s: temps accordé à chaque critère, en secondes.

    Attributes:
        guard: par combien multiplier ce temps avant d'interrompre, quand celui qui fait juger le compte lui-même.
    """

    def __init__(self, namespace: dict[str, Any], filename: str, points: float, timeout_s: float) -> None:
        self.tests = collect(namespace, filename)
        self._filename = filename
        self._points = float(points)
        self.timeout_s = timeout_s
        self.guard = 1.0
        self._judged: dict[str, Criterion] = {}

    def judge(self, tests: Iterable[CollectedTest]) -> None:
        """Exécute ces tests, dans l'ordre donné."""
        interruption = Interruption()
        with ExitStack() as stack:
            for context in (silent_stderr(), figures_closed(), interruption.watch()):
                stack.enter_context(context)
            for test in tests:
                limit_s = self.next_limit_s
                criterion = _judged(test, self._filename, limit_s, self.guard * limit_s, interruption)
                self._judged[test.name] = criterion

    @property
    def next_limit_s(self) -> float:
        """Temps accordé au prochain critère, en secondes."""
        slow = any(criterion.kind is Kind.TOO_SLOW for criterion in self._judged.values())
        return min(self.timeout_s, AFTER_A_TIMEOUT_S) if slow else self.timeout_s

    def verdict_of(self, test: CollectedTest) -> Criterion:
        """Renvoie ce qu'a donné un test ; un test qui n'a pas été jugé est un critère manqué."""
        return self._judged.get(test.name) or _unjudged(test)

    def replace(self, criterion: Criterion) -> None:
        """Met un autre jugement à la place de celui d'un test."""
        self._judged[criterion.name] = criterion

    def report(self, tests: Iterable[CollectedTest] | None = None) -> CellReport:
        """Renvoie le rapport de la cellule, ou de ces tests ; un test qui n'a pas été jugé est un critère manqué."""
        return CellReport(tuple(map(self.verdict_of, self.tests if tests is None else tests)), self._points)


def _judged(
    test: CollectedTest, filename: str, limit_s: float, guard_s: float, interruption: Interruption
) -> Criterion:
    kind, message, masks = Kind.PASSED, "", None
    with standard_output(LONGEST_OUTPUT) as output:
        try:
            with time_limit(guard_s):
                for arguments in test.cases:
                    test.function(**arguments)
        except BaseException as error:  # SystemExit compris : rien de l'étudiant n'arrête la correction
            if interruption.happened and not isinstance(error, TimeLimitExceeded):
                raise
            kind, message, masks = _explained(error, filename, test.hidden, limit_s)
    printed = "" if test.hidden else clean(output.getvalue().strip(), LONGEST_OUTPUT)
    return Criterion(test.name, test.text, test.weight, test.hidden, kind, message, printed, masks)


def _explained(error: BaseException, filename: str, hidden: bool, limit_s: float) -> tuple[Kind, str, Masks | None]:
    """Explique un échec ; un objet de l'étudiant que l'explication regarde de près peut encore tout faire."""
    try:
        with time_limit(limit_s):
            masks = None if hidden else compared_masks(error, filename)
            return *explain(error, filename, hidden, limit_s), masks
    except (Exception, TimeLimitExceeded, SystemExit):
        return Kind.FAILED, WITHOUT_DETAILS[Kind.FAILED], None


def _unjudged(test: CollectedTest) -> Criterion:
    return Criterion(test.name, test.text, test.weight, test.hidden, Kind.TOO_SLOW, WITHOUT_DETAILS[Kind.TOO_SLOW])
