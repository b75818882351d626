"""Submissions graded in real sandboxes: honest code behaves as in a notebook, and nothing leaks or outlives it."""

import os
import secrets
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from checks.report import CellReport, Criterion, Kind
from checks.report_as_text import render
from closed_doors.core.errors import ExecutionError
from closed_doors.grading.processes.supervisor import _with_hidden_verdicts
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.verdict.remark import Remark, RemarkCode
from closed_doors.grading.verdict.verdict import CellVerdict, Diagnosis, Graded, judged
from support.processes import eventually, family, held_by, is_there
from support.sandboxes import groups
from support.small_notebooks import SETUP, Small, graded

CHECK_VALUE = '''
def test_value():
    """La valeur est juste."""
    assert f(3) == 6
'''

HONEST = {
    "closure": ("k = 2\ndef f(x): return k * x", CHECK_VALUE),
    "in place": (
        "def f(x):\n    x[0] = 7\n    return None",
        "def test_value():\n    'c'\n    a = np.zeros(3)\n    f(a)\n    assert a[0] == 7",
    ),
    "in place on a tensor": (
        "def f(x): x.mul_(2)",
        "def test_value():\n    'c'\n    a = torch.ones(3)\n    f(a)\n    assert a.sum() == 6",
    ),
    "list argument": (
        "def f(x): x.append(4)",
        "def test_value():\n    'c'\n    a = [1]\n    f(a)\n    assert a == [1, 4]",
    ),
    "expanded tensor": (
        "def f(x): return (x.stride(), x.sum())",
        "def test_value():\n    'c'\n    s, t = f(torch.ones(1, 3).expand(4, 3))\n    assert s == (0, 1) and t == 12",
    ),
    "transposed tensor": (
        "def f(x): return x.is_contiguous()",
        "def test_value():\n    'c'\n    assert f(torch.ones(2, 3).T) is False",
    ),
    "exception": (
        "def f(x): raise ValueError('non')",
        "import pytest\ndef test_value():\n    'c'\n    with pytest.raises(ValueError, match='non'):\n        f(1)",
    ),
    "own exception": (
        "class Faux(KeyError): pass\ndef f(x): raise Faux('non')",
        "import pytest\ndef test_value():\n    'c'\n    with pytest.raises(KeyError):\n        f(1)",
    ),
    "generator": (
        "def f(n):\n    yield from range(n)",
        "def test_value():\n    'c'\n    assert list(f(3)) == [0, 1, 2]",
    ),
    "class": (
        "class C:\n    def __init__(self, a): self.a = a\n    def twice(self): return 2 * self.a",
        "def test_value():\n    'c'\n    c = C(4)\n    assert c.twice() == 8 and c.a == 4\n"
        "    c.a = 5\n    assert c.twice() == 10",
    ),
    "module and gradients": (
        "class M(torch.nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.w = torch.nn.Parameter(torch.ones(2))\n"
        "    def forward(self, x): return (self.w * x ** 2).sum()",
        "def test_value():\n    'c'\n    x = torch.tensor([1.0, 2.0], requires_grad=True)\n    m = M()\n"
        "    (3 * m(x)).backward()\n    np.testing.assert_allclose(x.grad, [6.0, 12.0])\n"
        "    assert len(list(m.parameters())) == 1",
    ),
    "gradients of parameters": (
        "class M(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.layers = torch.nn.ModuleList([torch.nn.Linear(2, 1, bias=False)])\n"
        "    def forward(self, x): return self.layers[0](x)",
        "def test_value():\n    'c'\n    m = M()\n    assert m.layers[0].weight.grad is None\n"
        "    for _ in range(2): (3 * m(torch.tensor([1.0, 2.0]))).backward()\n"
        "    np.testing.assert_allclose(m.layers[0].weight.grad, [[6.0, 12.0]])\n"
        "    (weight,) = m.parameters()\n    np.testing.assert_allclose(weight.grad, [[6.0, 12.0]])\n"
        "    np.testing.assert_allclose(dict(m.named_parameters())['layers.0.weight'].grad, [[6.0, 12.0]])\n"
        "    m.zero_grad()\n    assert m.layers[0].weight.grad is None",
    ),
    "several outputs with gradients": (
        "def f(a, b): return a * b, (a + b,)",
        "def test_value():\n    'c'\n    a = torch.tensor(2.0, requires_grad=True)\n"
        "    b = torch.tensor(5.0, requires_grad=True)\n"
        "    p, (s,) = f(a, b)\n    (p + s).backward()\n    assert a.grad == 6 and b.grad == 3",
    ),
    "numpy scalars and big integers": (
        "def f(): return np.float64(0.5), np.bool_(True), 10 ** 40, 1 + 2j, {1, 2}, range(3)",
        "def test_value():\n    'c'\n    a, b, c, d, e, r = f()\n"
        "    assert isinstance(a, np.float64) and b and c == 10 ** 40\n"
        "    assert d == 1 + 2j and e == {1, 2} and list(r) == [0, 1, 2]",
    ),
    "bfloat16, bool and empty tensors": (
        "def f(x): return x",
        "def test_value():\n    'c'\n"
        "    for t in (torch.ones(3, dtype=torch.bfloat16), torch.ones(2).bool(), torch.empty(0, 3)):\n"
        "        r = f(t)\n        assert r.dtype == t.dtype and torch.equal(r, t)",
    ),
    "text": (
        "def f(): return 'é\\ud800', b'x', None",
        "def test_value():\n    'c'\n    assert f() == ('é\\ud800', b'x', None)",
    ),
    "state between calls of one cell": (
        "n = 0\ndef f():\n    global n\n    n += 1\n    return n",
        "def test_value():\n    'c'\n    assert [f(), f()] == [1, 2]",
    ),
    "warning": (
        "import warnings\ndef f(x):\n    warnings.warn('attention')\n    return 2 * x",
        CHECK_VALUE,
    ),
    "magics and plots": (
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nx = !echo 6\n%timeit -n1 -r1 1 + 1\nplt.plot([1])\n"
        "def f(n): return int(x[0])",
        CHECK_VALUE,
    ),
}


CHANGE_ARGUMENTS = ("in place", "in place on a tensor", "list argument")  # as their exercise asks


@pytest.mark.parametrize("case", HONEST)
def test_honest_code_earns_its_points(zygote: Zygote, case: str) -> None:
    """What works in a notebook works across the bridge."""
    verdict = graded(zygote, *HONEST[case], prove=case in CHANGE_ARGUMENTS)
    assert verdict.earned == 2, render(verdict.report)


def test_messages_name_what_the_notebook_names(zygote: Zygote) -> None:
    """A function that a helper was given, a method, and a function in which an error rose, as in the notebook."""
    tests = (
        "def check(function):\n    np.testing.assert_array_equal(function(2), [1, 1])\n"
        "def test_a():\n    'a'\n    check(make)\n"
        "def test_b():\n    'b'\n    box = Box(5)\n    first, second = box.open(3)\n"
        "def test_c():\n    'c'\n    make(-1)"
    )
    answer = (
        "class Box:\n    def __init__(self, n): pass\n    def open(self, n): return n\n"
        "def helper(n):\n    raise ValueError('non')\ndef make(n):\n    return helper(n) if n < 0 else np.zeros(n)"
    )
    text = render(graded(zygote, answer, tests).report).replace("\u00a0", " ")
    assert "make(2) : 2 valeurs différentes" in text
    assert "Box.open(3) doit renvoyer 2 valeurs" in text
    assert "ligne 5 de la cellule, dans helper : raise ValueError('non')" in text


FOOLING = {
    "equal to everything": "class A:\n    def __eq__(self, other): return True\ndef f(x): return A()",
    "int subclass": "class A(int):\n    def __eq__(self, other): return True\ndef f(x): return A(5)",
    "class lie": "class A:\n    __class__ = int\n    def __eq__(self, other): return True\ndef f(x): return A()",
    "exit": "import os\ndef f(x): os._exit(0)",
    "no answer": "def f(x):\n    while True: pass",
    "huge": "def f(x): return [0] * 10 ** 8",
    "deep": "def f(x):\n    a = []\n    for _ in range(100000): a = [a]\n    return a",
    "cyclic": "def f(x):\n    a = []\n    a.append(a)\n    return a",
    "system exit": "def f(x): raise SystemExit(6)",
    "own helper": "def run_tests(*a, **k): return 2\ndef f(x): return 5",
    "patched bridge": "import sys\nanswers = sys.modules['closed_doors.grading.bridge.worker_side'].Answers\n"
    "answers.answer = lambda self, request: ['value', b'', 0, '']",
}


@pytest.mark.parametrize("case", FOOLING)
def test_a_trick_earns_nothing(zygote: Zygote, case: str) -> None:
    """A value that pretends, or a process that misbehaves, is a criterion missed."""
    assert graded(zygote, FOOLING[case], CHECK_VALUE).earned == 0


def test_each_cell_is_asked_where_it_stands(zygote: Zygote) -> None:
    """A function that is redefined later is judged as it was at the grading cell."""
    notebook = Small().lesson(SETUP).answer("def f(x): return 2 * x").grading(CHECK_VALUE + "run_tests(points=2)")
    result = notebook.own("def f(x): return 0\nimport os\nos._exit(1)").own("print('encore là')").grade(zygote)
    assert [v.earned for v in result.verdicts.values()] == [2]
    assert "encore là" in str(result.outputs)
    assert RemarkCode.CELL_ENDED_PROGRAM in {remark.code for remark in result.remarks}


def test_a_cell_that_never_ends_is_stopped(zygote: Zygote) -> None:
    """The cells after it run from the state before it."""
    notebook = Small().lesson(SETUP).answer("def f(x): return 2 * x").own("while True: pass")
    result = notebook.own("print(f(4))").grading(CHECK_VALUE + "run_tests(points=2)").grade(zygote, cell_s=1)
    assert [v.earned for v in result.verdicts.values()] == [2]
    assert "8" in str(result.outputs)


def test_bare_asserts_are_one_criterion(zygote: Zygote) -> None:
    """A grading cell in nbgrader's own style earns all or nothing."""
    for answer, earned in (("def f(x): return 2 * x", 2), ("def f(x): return x", 0)):
        result = Small().lesson(SETUP).answer(answer).grading("assert f(3) == 6\nassert f(0) == 0").grade(zygote)
        assert [v.earned for v in result.verdicts.values()] == [earned]


def test_a_broken_master_is_no_students_zero(zygote: Zygote) -> None:
    """A lesson cell that fails by itself stops the grading, with the cell's number."""
    with pytest.raises(ExecutionError, match="Cell 1 of the master"):
        Small().lesson("1 / 0").answer("x = 1").grade(zygote)


def test_demonstrations_are_not_run(zygote: Zygote) -> None:
    """Cells that the master tags demo cost no time in grading."""
    result = Small().lesson("print('leçon')").lesson("print('démo')", ("demo",)).grade(zygote)
    assert "leçon" in str(result.outputs)
    assert "démo" not in str(result.outputs)


def test_input_says_what_to_do(zygote: Zygote) -> None:
    """Nobody is at the keyboard, and the error says so in French."""
    result = Small().own("input('?')").grade(zygote)
    assert "personne ne peut y répondre" in str(result.outputs)


LEAKS = {
    "return it from another exercise": (
        "from pathlib import Path\nstore = Path.home() / 'x'\n"
        "def f(x):\n    store.open('a').write(repr(x))\n    return 0\n"
        "def g(x): return store.read_text() if store.exists() else 'rien'"
    ),
    "error text": "def f(x): raise ValueError(repr(x))\ndef g(x): raise ValueError('y')",
    "error name": "def f(x): raise type('E' + str(x), (Exception,), {})()\ndef g(x): return 0",
    "print": "import sys\ndef f(x):\n    print(x)\n    print(x, file=sys.stderr)\n    return x\ndef g(x): return 0",
    "warning": "import warnings\ndef f(x):\n    warnings.warn(str(x))\n    return x\ndef g(x): return 0",
    "no fork": (
        "import os, sys\nseen = []\nos.fork = lambda: 0\n"
        "def f(x):\n    seen.append(x)\n    return x\ndef g(x): return repr(seen)"
    ),
}


@pytest.mark.parametrize("case", LEAKS)
def test_no_hidden_input_or_expected_value_comes_out(zygote: Zygote, case: str) -> None:
    """Random numbers planted in hidden tests are in nothing that a student is shown; staff read where a test failed."""
    given, expected = secrets.randbelow(10**15), secrets.randbelow(10**15)
    hidden = (
        f"### BEGIN HIDDEN TESTS\ndef test_hidden():\n    'caché'\n    assert f({given}) == {expected}\n"
        f"### END HIDDEN TESTS\n"
    )
    public = "def test_public():\n    'montré'\n    assert g(1) == 'rien'\n"
    notebook = Small().lesson(SETUP).answer(LEAKS[case])
    notebook.grading(hidden + "run_tests(points=2)").own("print(globals().get('seen'))")
    result = notebook.grading(public + "run_tests(points=2)").own("print(globals().get('seen'))").grade(zygote)
    shown = str(result.outputs) + str(_of_students(result)) + str(result.remarks)
    assert str(given) not in shown
    assert str(expected) not in shown


def test_a_cell_of_asserts_shows_nothing_hidden_either(zygote: Zygote) -> None:
    """Cells without named criteria are judged in the same order: those that hold hidden tests last."""
    given = secrets.randbelow(10**15)
    hidden = f"### BEGIN HIDDEN TESTS\nassert f({given}) == 1\n### END HIDDEN TESTS"
    notebook = Small().lesson(SETUP).answer(LEAKS["return it from another exercise"])
    result = notebook.grading(hidden).grading("assert g(1) == 'rien', g(1)").grade(zygote)
    assert sorted(result.verdicts) == [2, 3]
    shown = replace(result, verdicts={}, object_uses=frozenset())
    assert str(given) not in str(shown) + str(_of_students(result))


def _of_students(result: Graded) -> list[CellVerdict]:
    """Return the verdicts without what the staff alone reads."""
    return [msgspec.structs.replace(verdict, traces=()) for verdict in result.verdicts.values()]


def test_a_lesson_that_never_ends_is_no_students_zero(zygote: Zygote) -> None:
    """Before any code of the student has run, a cell that hangs is the master's."""
    with pytest.raises(ExecutionError, match="Cell 1 of the master"):
        Small().lesson("while True: pass").answer("x = 1").grade(zygote, cell_s=1)


def test_outputs_of_a_whole_submission_are_bounded(zygote: Zygote) -> None:
    """Many cells that each show a lot are cut, and say so."""
    notebook = Small().lesson(SETUP)
    picture = (
        "import io, random\nfrom PIL.Image import frombytes\nfile = io.BytesIO()\n"
        "frombytes('L', (1600, 1600), random.randbytes(1600 * 1600)).save(file, 'PNG')\ndata = file.getvalue()\n"
    )
    for _ in range(12):
        notebook.own(f"from IPython.display import Image, display\n{picture}display(Image(data, format='png'))")
    result = notebook.grade(zygote)
    assert "trop volumineuses" in str(result.outputs[12])
    assert len(str(result.outputs)) < 30_000_000


def test_killing_the_supervisor_leaves_nobody(tmp_path: Path) -> None:
    """Five seconds after a SIGKILL of the supervisor, no process of its sandboxes is left, and no control group."""
    script = tmp_path / "supervise.py"
    script.write_text(
        "from closed_doors.grading.processes.zygote_handle import Zygote\n"
        "from support.small_notebooks import Small\n"
        "with Zygote() as zygote:\n"
        "    zygote.protection\n"
        "    print('ready', flush=True)\n"
        "    Small().lesson('k = 2').own('import time\\nwhile True: time.sleep(0.1)').grade(zygote, cell_s=30)\n"
    )
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    # itself, the zygote, the stage, its examiner, the opened zygote, the worker
    assert eventually(lambda: len(family(process.pid)) >= 6)
    members = family(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert eventually(lambda: not any(map(is_there, members)))
    assert not [group for pid in members for group in groups(pid)]


HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS\nrun_tests(points=2)"


@pytest.mark.parametrize(
    "hidden",
    [
        "secret = f(42)\ndef test_h():\n    assert secret == 1",
        "def test_h(x=f(42)):\n    assert x == 1",
        "import pytest\n@pytest.mark.parametrize('x', [f(42)])\ndef test_h(x):\n    assert x == 1",
    ],
)
def test_hidden_code_outside_of_a_test_calls_nobody(zygote: Zygote, hidden: str) -> None:
    """A master whose hidden region would tell the student's code something too early is refused, and names the cell."""
    notebook = Small().lesson(SETUP).answer("def f(x): return 1").grading(HIDDEN.format(hidden))
    with pytest.raises(ExecutionError, match="Cell 3 of the master itself fails: it has hidden tests, and calls"):
        notebook.grade(zygote)


def test_a_test_that_is_hidden_in_part_is_hidden(zygote: Zygote) -> None:
    """The message of a criterion tells nothing of what stands in a hidden region within it."""
    tests = (
        "def test_v():\n    assert f(1) == 1\n    ### BEGIN HIDDEN TESTS\n    assert f(4242) == 5\n"
        "    ### END HIDDEN TESTS"
    )
    verdict = graded(zygote, "def f(x): return 1", tests)
    assert verdict.earned == 0
    assert "4242" not in render(verdict.report)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("data = []\ndata.append(data)", "trop imbriquée"),
        ("data = list(range(3_000_000))", "illisible"),
        ("class C:\n    @property\n    def __class__(self): raise StopIteration\ndata = C()", "ne peut pas être lue"),
    ],
)
def test_a_value_that_cannot_be_told_says_so(zygote: Zygote, answer: str, why: str) -> None:
    """What the student's name holds is too large, too deep or lies: the criterion is missed, with a reason."""
    verdict = graded(zygote, answer, "def test_data():\n    assert len(data) == 3")
    assert verdict.earned == 0
    text = render(verdict.report)
    assert "La valeur de data ne peut pas être lue" in text
    assert why in text


def test_an_explanation_that_asks_the_student_again_ends(zygote: Zygote) -> None:
    """An attribute that answers once and then sleeps costs its own criterion only."""
    answer = (
        "import time\nclass C:\n    n = 0\n    @property\n    def size(self):\n        C.n += 1\n"
        "        time.sleep(20 if C.n > 1 else 0)\n        return 5\ndef make(): return C()"
    )
    tests = "def test_size():\n    o = make()\n    assert o.size == 6\ndef test_other():\n    assert make() is not None"
    assert graded(zygote, answer, tests).earned == 1


def test_chance_is_the_same_in_every_run() -> None:
    """Unseeded draws and the order of a set do not depend on the process that grades."""
    source = "import random\nprint(random.random(), np.random.rand(), torch.rand(1), {'a', 'b', 'c', 'd'})"
    shown = []
    for _ in range(2):
        with Zygote() as fresh:
            shown.append(Small().lesson(SETUP).own(source).own(source).grade(fresh).outputs)
    assert shown[0] == shown[1]


def test_what_the_master_imports_is_imported_once(zygote: Zygote) -> None:
    """A module of the instructor's cells is there when a submission runs; an unknown one is the cell's own failure."""
    notebook = Small().lesson(SETUP).answer("def f(x): return 2 * x").own("import sys\nprint('wave' in sys.modules)")
    notebook.grading("### BEGIN HIDDEN TESTS\nimport wave\n### END HIDDEN TESTS" + CHECK_VALUE + "run_tests(points=2)")
    result = notebook.grade(zygote)
    assert "True" in str(result.outputs)
    with pytest.raises(ExecutionError, match="no_such_module"):
        Small().lesson("import no_such_module").grade(zygote)


def test_a_tensor_without_content_crosses(zygote: Zygote) -> None:
    """The device "meta" shows whether code builds a tensor where it is asked to."""
    tests = (
        "def test_device():\n    result = make('meta')\n    assert result.device.type == 'meta'\n"
        "    assert tuple(result.shape) == (2, 3)"
    )
    assert graded(zygote, "def make(device): return torch.zeros(2, 3, device=device)", tests).earned == 2
    assert graded(zygote, "def make(device): return torch.zeros(2, 3)", tests).earned == 0


def test_what_was_sealed_stays_as_it_was() -> None:
    """Where hidden tests had begun before a second try, only hidden verdicts come from it."""

    def tried(word: str, visible: Kind, hidden: Kind) -> Graded:
        criteria = (
            Criterion("test_v", "v", 1, False, visible, word),
            Criterion("test_h", "h", 1, True, hidden, "fixe"),
        )
        report = CellReport(criteria, 2)
        verdict = judged("verification", 2, report)
        output = [{"output_type": "stream", "name": "stdout", "text": word}]
        remark = Remark(RemarkCode.EARLIER, arguments={"text": word})
        hints = {3: Diagnosis(word, word)}
        return Graded({1: output}, {3: verdict}, hints, remarks=[remark], sealed=True, complete=True)

    first = tried("avant", Kind.PASSED, Kind.TOO_SLOW)
    merged = _with_hidden_verdicts(first, tried("secret 4242", Kind.WRONG_VALUES, Kind.PASSED))
    assert merged.verdicts[3].earned == 2
    assert "4242" not in str(merged)
    assert merged.outputs == first.outputs


def test_a_death_in_a_hidden_test_costs_its_criterion_only(zygote: Zygote) -> None:
    """The second, careful try judges what the first could not, and the outputs are there once."""
    answer = "import os\nprint('une fois')\ndef f(x): return os._exit(0) if x == 13 else 2 * x"
    tests = (
        "def test_a():\n    assert f(1) == 2\n### BEGIN HIDDEN TESTS\ndef test_b():\n    assert f(13) == 26\n"
        "def test_c():\n    assert f(4) == 8\n### END HIDDEN TESTS\nrun_tests(points=3)"
    )
    result = Small().lesson(SETUP).answer(answer).grading(tests, 3).grade(zygote)
    (verdict,) = result.verdicts.values()
    assert [criterion.passed for criterion in verdict.report.criteria] == [True, False, True]
    assert str(result.outputs).count("une fois") == 1


def _earned(result: Graded) -> float:
    return sum(verdict.earned for verdict in result.verdicts.values())


def _pid_of_the_lesson(zygote: Zygote, lesson: str, own: str = "") -> tuple[int, Graded]:
    """Grade a submission; return the process in which its first lesson cell ran, and the result."""
    small = Small().lesson(SETUP).lesson(f"import os\nprint(os.getpid())\n{lesson}")
    if own:
        small = small.own(own)
    small = small.lesson("k = 2").answer("def f(x): return k * x")
    result = small.grading(CHECK_VALUE + "\nrun_tests(points=2)").grade(zygote)
    return int(result.outputs[1][0]["text"]), result


def test_opening_cells_run_once_for_all_submissions(zygote: Zygote) -> None:
    """Lesson cells before all work of the student's run in one process, whose values and outputs everybody gets."""
    first, graded_first = _pid_of_the_lesson(zygote, "")
    second, graded_second = _pid_of_the_lesson(zygote, "")
    assert first == second
    assert _earned(graded_first) == _earned(graded_second) == 2


@pytest.mark.parametrize(
    "lesson",
    [
        "open('trace.txt', 'w').write('a')",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "os.chdir('/tmp')",
    ],
)
def test_an_opening_that_leaves_more_than_values_is_run_by_each(zygote: Zygote, lesson: str) -> None:
    """A file, a thread or another folder of an opening cell's is every submission's own."""
    assert _pid_of_the_lesson(zygote, lesson)[0] == 1


def test_a_cell_of_the_students_own_stays_where_it_stands(zygote: Zygote) -> None:
    """A lesson cell that follows a cell of the student's own runs after it, for this student."""
    pid, result = _pid_of_the_lesson(zygote, "", own="k = 3")
    assert pid == 1
    assert _earned(result) == 2


def test_an_opened_process_holds_no_sandbox_but_its_own(zygote: Zygote) -> None:
    """Of what the first process keeps, the stage among it, it has no leash.

    Its one socket is its own connection, once it has let go of the worker that it made.
    """
    pid, _ = _pid_of_the_lesson(zygote, "'holds'")
    assert eventually(lambda: len([name for name in held_by(pid) if name.startswith("socket:")]) == 1)


def test_an_opened_process_that_dies_is_replaced(zygote: Zygote) -> None:
    """The submission at hand fails for a reason of ours, and the next one is graded; nothing is left of the process."""
    pid, _ = _pid_of_the_lesson(zygote, "'dies'")
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ExecutionError):
        _pid_of_the_lesson(zygote, "'dies'")
    assert _earned(_pid_of_the_lesson(zygote, "'dies'")[1]) == 2
    assert not is_there(pid)


@pytest.mark.slow
def test_a_long_notebook_loses_one_cell_to_one_cell(zygote: Zygote) -> None:
    """Seventy exercises are graded as twelve are, where one of them ends its process too."""
    small = Small().lesson(SETUP)
    for number in range(70):
        right = f"x{number} = {number}\ndef f{number}(n):\n    return n + x{number}"
        small.answer("import os\nos._exit(1)" if number == 30 else right, right)
        small.grading(f"def test_value():\n    assert f{number}(1) == {number + 1}\nrun_tests(points=1)", 1)
    result = small.grade(zygote, submission_s=120)
    assert sum(verdict.earned for verdict in result.verdicts.values()) == 69
    assert result.complete
