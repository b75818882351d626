"""Exécute les tests de la cellule qui appelle, et affiche ce qu'ils ont donné."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import partial

from .capture import Interruption, figures_closed, silent_stderr, standard_output
from .cells import DefiningCell
from .collect import CollectedTest, collect
from .explain import UNKNOWN_CELLS, explain, without_details
from .failure import check_cells
from .history import history, remember_cells
from .missed_comparison import compared_masks
from .points import Points
from .public_hints import hints_for
from .render import encodable, render
from .report import CellReport, Criterion, Kind, Masks
from .stale_cells import names_used, state_of
from .time_limits import TimeLimitExceeded, call_within
from .values_as_text import clean

Each = Callable[[Callable[[], Criterion]], Criterion]
LONGEST_OUTPUT = 1000
AFTER_A_TIMEOUT_S = 1.0
# Les critères manqués par ce que la fonction renvoie, et non faute de fonction.
WRONG = (
    Kind.RAISED,
    Kind.NOT_RAISED,
    Kind.RETURNED_NONE,
    Kind.WRONG_TYPE,
    Kind.WRONG_SHAPE,
    Kind.WRONG_VALUES,
    Kind.FAILED,
)

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
    advice = run.judge_as_written()
    report = run.report()
    # Le bouton Validate (qui pose cette variable) ne montre d'un échec que ce qui est écrit sur stderr.
    validating = "NBGRADER_VALIDATING" in os.environ and report.earned < report.points
    stream = sys.stderr if validating else sys.stdout
    text = "\n".join([render(report), *advice])
    print(encodable(text, getattr(stream, "encoding", None)), file=stream)
    return Points(report.earned)


class CellRun:
    """Les tests d'une cellule, et ce qu'ont donné ceux qui ont été jugés.

    Args:
        namespace: noms de la cellule, où se trouvent ses fonctions test_….
        filename: nom de fichier de la cellule.
        points: points de la cellule.
        timeout_s: temps accordé à chaque critère, en secondes.

    Attributes:
        guard: par combien multiplier ce temps avant d'interrompre, quand celui qui fait juger le compte lui-même.
        cells: ce que l'on sait des cellules qui définissent les fonctions de l'étudiant, pour les messages.
        on_error: reçoit le nom d'un test manqué et l'erreur elle-même, pour qui corrige.
    """

    def __init__(self, namespace: dict[str, object], filename: str, points: float, timeout_s: float) -> None:
        check_cells.add(filename)
        self.tests = collect(namespace, filename)
        self._filename = filename
        self._points = float(points)
        self.timeout_s = timeout_s
        self.guard = 1.0
        self.cells: Mapping[str, DefiningCell] = UNKNOWN_CELLS
        self.on_error: Callable[[str, BaseException], None] = _nobody_asks
        self._namespace = namespace
        self._judged: dict[str, Criterion] = {}

    def judge_as_written(self) -> tuple[str, ...]:
        """Exécute les tests dont les fonctions sont celles qu'écrit le notebook, et renvoie des conseils à montrer.

        Les autres sont des critères manqués : leur réussite ne dirait rien du notebook qui sera rendu.
        """
        used = {test.name: names_used(test.function, self._namespace) for test in self.tests}
        state = state_of(history, set().union(*used.values()))
        self.cells = state.cells
        for test in self.tests:
            if message := state.message(used[test.name]):
                self._judged[test.name] = Criterion(test.name, test.text, test.weight, test.hidden, Kind.STALE, message)
        self.judge([test for test in self.tests if test.name not in self._judged])
        wrong = [used[test.name] for test in self.tests if self._judged[test.name].kind in WRONG]
        return (*state.advice, *self._hints(set().union(*wrong)))

    def _hints(self, names: set[str]) -> tuple[str, ...]:
        """Les pistes que montrent ces fonctions, dont se servent des tests manqués ; rien ici ne change un critère."""
        if not names:
            return ()
        found: list[tuple[str, ...]] = []
        try:
            with silent_stderr(), figures_closed(), standard_output(0):
                call_within(lambda: found.append(hints_for(self._namespace, names)), self.timeout_s)
        except BaseException:  # the function is called once more, and may raise anything; the report is what counts
            return ()
        return found[0]

    def judge(self, tests: Iterable[CollectedTest], each: Each | None = None) -> None:
        """Exécute ces tests, dans l'ordre donné.

        Args:
            tests: ceux de cette cellule.
            each: juge un test à l'aide de ce qui l'exécute, et renvoie le critère ; l'exécute une fois, sans lui.
        """
        interruption = Interruption()
        with ExitStack() as stack:
            for context in (silent_stderr(), figures_closed(), interruption.watch()):
                stack.enter_context(context)
            for test in tests:
                once = partial(self._judgement, test, self.next_limit_s, interruption)
                self._judged[test.name] = each(once) if each else once()

    @property
    def next_limit_s(self) -> float:
        """Temps accordé au prochain critère, en secondes."""
        slow = any(criterion.kind is Kind.TOO_SLOW for criterion in self._judged.values())
        return min(self.timeout_s, AFTER_A_TIMEOUT_S) if slow else self.timeout_s

    def verdict_of(self, test: CollectedTest) -> Criterion:
        """Renvoie ce qu'a donné un test ; un test qui n'a pas été jugé est un critère manqué."""
        return self._judged.get(test.name) or _unjudged(test)

    def _judgement(self, test: CollectedTest, limit_s: float, interruption: Interruption) -> Criterion:
        def run_cases() -> None:
            for arguments in test.cases:
                test.function(**arguments)

        kind, message, masks = Kind.PASSED, "", None
        with standard_output(LONGEST_OUTPUT) as output:
            try:
                call_within(run_cases, self.guard * limit_s)
            except BaseException as error:  # SystemExit compris : rien de l'étudiant n'arrête la correction
                if interruption.happened and not isinstance(error, TimeLimitExceeded):
                    raise
                self.on_error(test.name, error)
                kind, message, masks = self._explained(error, test.hidden, limit_s, interruption)
        printed = "" if test.hidden else clean(output.getvalue().strip(), LONGEST_OUTPUT)
        return Criterion(test.name, test.text, test.weight, test.hidden, kind, message, printed, masks)

    def _explained(
        self, error: BaseException, hidden: bool, limit_s: float, interruption: Interruption
    ) -> tuple[Kind, str, Masks | None]:
        """Explique un échec ; un objet de l'étudiant que l'explication regarde de près peut encore tout faire."""
        found: list[tuple[Kind, str, Masks | None]] = []

        def look() -> None:
            masks = None if hidden else compared_masks(error, self._filename)
            with standard_output(0):  # the code may be called once more
                found.append((*explain(error, self._filename, hidden, limit_s, self.cells), masks))

        try:
            call_within(look, limit_s)
        except BaseException as another:
            if interruption.happened and not isinstance(another, TimeLimitExceeded):
                raise
            return Kind.FAILED, without_details(Kind.FAILED), None
        return found[0]

    def report(self, tests: Iterable[CollectedTest] | None = None) -> CellReport:
        """Renvoie le rapport de la cellule, ou de ces tests ; un test qui n'a pas été jugé est un critère manqué."""
        return CellReport(tuple(map(self.verdict_of, self.tests if tests is None else tests)), self._points)


def _nobody_asks(_name: str, _error: BaseException) -> None:
    """Ne fait rien d'une erreur que personne ne demande à voir."""


def _unjudged(test: CollectedTest) -> Criterion:
    return Criterion(test.name, test.text, test.weight, test.hidden, Kind.TOO_SLOW, without_details(Kind.TOO_SLOW))


remember_cells()
