"""run_tests: points, criteria, and a run that nothing of the student's can stop."""

import logging
import os
import signal
import subprocess
import sys
import threading

import pytest
from matplotlib import pyplot as plt

from checks.report import Kind
from support.check_cells import Notebook, graded

DOUBLE = "def double(x):\n    return 2 * x"
TWO_TESTS = '''
def test_one():
    """Le double de 1 est 2."""
    assert double(1) == 2

def test_two():
    """Le double de 2 est 4."""
    assert double(2) == 4
'''


def test_all_passed_earns_all_points() -> None:
    """Every criterion gets its ✓, and the cell's value is exactly its points."""
    result = graded(DOUBLE, TWO_TESTS, points=3)
    assert result.points == 3.0
    assert float.__repr__(result.points) == "3.0"
    assert result.text.splitlines()[:3] == [
        "✓ Le double de 1 est 2.",
        "✓ Le double de 2 est 4.",
        "2 critères réussis sur 2 : 3 points sur 3.",
    ]


def test_a_share_of_the_criteria_earns_a_share_of_the_points() -> None:
    """One of two criteria earns half, written with a decimal comma."""
    result = graded("def double(x):\n    return 2", TWO_TESTS, points=3)
    assert result.points == 1.5
    assert "1 critère réussi sur 2 : 1,5 point sur 3." in result.text


def test_weights_share_the_points() -> None:
    """A criterion of weight 2 counts twice."""
    result = graded("def double(x):\n    return 2", TWO_TESTS.replace("def test_two", "@weight(3)\ndef test_two"))
    assert result.points == 0.5


def test_a_weight_must_be_positive() -> None:
    """A weight of 0 would be a criterion that decides nothing."""
    with pytest.raises(ValueError, match="strictement positif"):
        graded(DOUBLE, "@weight(0)\ndef test_nothing(): pass")


def test_only_the_tests_of_the_cell_count() -> None:
    """Tests of another cell, or functions that the student named test_…, are not run."""
    notebook = Notebook()
    notebook.run("def test_mine():\n    '''À moi.'''\n    raise SystemExit")
    text = notebook.run("def test_here():\n    '''Ici.'''\nresult = run_tests(points=1)")
    assert "À moi" not in text
    assert notebook.namespace["result"] == 1.0


def test_parametrize_is_one_criterion() -> None:
    """All cases must pass; stacked marks are combined, and pytest.param is understood."""
    tests = '''
@pytest.mark.parametrize("x, y", [(1, 2), pytest.param(3, 6, id="trois")])
@pytest.mark.parametrize("z", [0, 1])
def test_cases(x, y, z):
    """Plusieurs cas."""
    assert double(x) + z == y + z
'''
    assert graded(DOUBLE, tests).points == 2.0
    assert graded("def double(x):\n    return 2", tests).points == 0.0


def test_a_cell_without_tests_earns_nothing() -> None:
    """A grading cell whose tests are missing says so."""
    result = graded(DOUBLE, "")
    assert result.points == 0.0
    assert "Aucun test" in result.text


def test_the_student_version_announces_other_checks() -> None:
    """Without hidden tests, students are told that others run at grading; a bonus promises none."""
    promise = "D'autres vérifications seront faites à la correction."
    hidden = f"### BEGIN HIDDEN TESTS\n{TWO_TESTS}\n### END HIDDEN TESTS"
    assert promise in graded(DOUBLE, TWO_TESTS).text
    assert promise not in graded(DOUBLE, TWO_TESTS, points=0).text
    assert promise not in graded(DOUBLE, hidden).text


def test_criteria_between_the_markers_are_hidden() -> None:
    """The report knows which criteria are hidden."""
    tests = (
        TWO_TESTS.replace("def test_two", "### BEGIN HIDDEN TESTS\n@weight(2)\ndef test_two") + "### END HIDDEN TESTS"
    )
    assert [criterion.hidden for criterion in graded(DOUBLE, tests).report.criteria] == [False, True]


@pytest.mark.parametrize(
    "statement", ["sys.exit(0)", "raise KeyboardInterrupt", "raise GeneratorExit", "raise BaseException"]
)
def test_nothing_that_the_student_raises_stops_the_cell(statement: str) -> None:
    """SystemExit and its like are a missed criterion, and the next one is judged."""
    answer = f"import os, sys\ndef double(x):\n    if x == 1:\n        {statement}\n    return 2 * x"
    assert graded(answer, TWO_TESTS).points == 1.0


@pytest.mark.parametrize("raised", ["KeyboardInterrupt", "GeneratorExit", "BaseException", "SystemExit"])
def test_nothing_raised_at_a_second_call_stops_the_cell(raised: str) -> None:
    """Explaining a missed criterion may call the function again: what it raises then costs the details only."""
    answer = f"calls = []\ndef double(x):\n    calls.append(x)\n    if len(calls) > 1: raise {raised}\n    return 3"
    result = graded(answer, TWO_TESTS.partition("def test_two")[0])
    assert [criterion.passed for criterion in result.report.criteria] == [False]
    assert "0 critère réussi sur 1" in result.text


def test_a_real_interruption_is_the_users() -> None:
    """Interrupting the kernel stops the checks, as it stops any other cell."""
    answer = "import os, signal, time\ndef double(x):\n    os.kill(os.getpid(), signal.SIGINT)\n    time.sleep(5)"
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        graded(answer, TWO_TESTS)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "while True:\n        try:\n            x += 1\n        except:\n            pass",
        "import time\n    time.sleep(60)",
    ],
)
def test_a_loop_that_never_ends_is_stopped(body: str) -> None:
    """Busy, sleeping or swallowing every exception: the criterion is missed, and its line is shown.

    The limit is long enough for the test to come as far as the call, however busy the machine is.
    """
    result = graded(f"def double(x):\n    {body}", TWO_TESTS, timeout_s=1.0)
    assert {criterion.kind for criterion in result.report.criteria} == {Kind.TOO_SLOW}
    assert "double(1) ne répond pas en 1 s" in result.text


def test_a_timer_of_the_student_survives() -> None:
    """An alarm that was set before the checks is set after them."""
    signal.setitimer(signal.ITIMER_REAL, 60)
    try:
        graded(DOUBLE, TWO_TESTS)
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def test_checks_work_outside_the_main_thread() -> None:
    """Signals belong to the main thread; elsewhere an endless loop is stopped all the same."""
    points = []

    def both() -> None:
        points.append(graded(DOUBLE, TWO_TESTS).points)
        points.append(graded("def double(x):\n    while True: pass", TWO_TESTS, timeout_s=0.5).points)

    thread = threading.Thread(target=both)
    thread.start()
    thread.join()
    assert points == [2.0, 0.0]


def test_a_failure_of_the_checks_own_costs_nothing() -> None:
    """An error that never came to the test's code or the student's is said to be ours, and is no missed criterion."""
    tests = TWO_TESTS.replace("def test_one", '@pytest.mark.parametrize("unknown", [1])\ndef test_one')
    result = graded(DOUBLE, tests)
    assert [criterion.kind for criterion in result.report.criteria] == [Kind.INTERNAL, Kind.PASSED]
    assert "✗" not in result.text
    assert "! Le double de 1 est 2." in result.text
    assert "ce n'est pas votre code : signalez-le à votre enseignant." in result.text
    assert "unexpected keyword" not in result.text
    assert result.points == 2.0
    assert graded("def double(x):\n    return 2", tests).points == 0.0


def test_nothing_reaches_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    """Warnings, prints, loggers of an older stderr, raw writes and subprocesses: all are held back."""
    handler = logging.StreamHandler(sys.stderr)
    logger = logging.getLogger("student")
    logger.addHandler(handler)
    answer = (
        "import logging, os, subprocess, sys, warnings\n"
        "def double(x):\n"
        "    warnings.warn('attention', stacklevel=1) if x == 0 else None\n"
        "    print('imprimé', file=sys.stderr)\n"
        "    logging.getLogger('student').error('journal')\n"
        "    os.write(2, b'brut')\n"
        "    subprocess.run([sys.executable, '-c', 'import sys; sys.stderr.write(\"fils\")'], check=True)\n"
        "    return 2 * x"
    )
    try:
        assert graded(answer, TWO_TESTS).points == 2.0
    finally:
        logger.removeHandler(handler)
    assert capfd.readouterr().err == ""
    os.write(2, b"encore")
    assert capfd.readouterr().err == "encore"


def test_what_the_code_prints_is_shown_in_short() -> None:
    """A visible criterion shows the student's prints, capped; a hidden one shows none."""
    answer = "def double(x):\n    print('essai', x)\n    print('y' * 5000)\n    return 2 * x"
    result = graded(answer, TWO_TESTS)
    assert "| essai 1" in result.text
    assert len(result.text) < 4000
    hidden = graded(answer, f"### BEGIN HIDDEN TESTS\n{TWO_TESTS}\n### END HIDDEN TESTS")
    assert "essai" not in hidden.text


def test_figures_opened_by_the_code_are_closed() -> None:
    """A figure drawn while tested does not appear under the checks; the student's others stay."""
    plt.close("all")  # whatever another test has left
    mine = plt.figure()
    graded("import matplotlib.pyplot as plt\ndef double(x):\n    plt.figure()\n    return 2 * x", TWO_TESTS)
    assert plt.get_fignums() == [mine.number]
    plt.close(mine)


def test_importing_checks_is_light() -> None:
    """The package that ships to students imports the standard library only."""
    program = "import sys; before = set(sys.modules); import checks; print(*sorted(set(sys.modules) - before))"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    loaded = {name.split(".")[0] for name in output.split()}
    assert loaded <= set(sys.stdlib_module_names) | {"checks"}


def test_a_thread_left_behind_does_not_hold_the_cell() -> None:
    """The checks end when the tests do, whatever threads the student's code started."""
    answer = (
        "import threading, time\n"
        "def double(x):\n"
        "    threading.Thread(target=time.sleep, args=(60,), name='stays', daemon=True).start()\n"
        "    return 2 * x"
    )
    assert graded(answer, TWO_TESTS).points == 2.0
    assert any(thread.name == "stays" for thread in threading.enumerate())


def test_a_failure_is_told_where_validate_looks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """nbgrader's Validate shows of a failed cell what is on stderr; a cell that passes must leave nothing there."""
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    missed = graded("def double(x):\n    return 2", TWO_TESTS, points=3)
    assert missed.text == ""
    assert "✗ Le double de 2 est 4." in capsys.readouterr().err
    assert "2 critères réussis" in graded(DOUBLE, TWO_TESTS, points=3).text
    assert capsys.readouterr().err == ""
