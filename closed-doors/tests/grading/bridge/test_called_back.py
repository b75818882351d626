"""What a test passes and can't be copied is called back: it is used, and nothing of the test's is seen through it."""

import secrets

import pytest

from closed_doors.grading.bridge.examiner_side import Bridge
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.protocol.codec import Pickle, encode
from closed_doors.grading.protocol.messages import Value
from support.small_notebooks import SETUP, Small

LOOKS = {
    "globals of a function": "f.__globals__",
    "code of a function": "f.__code__.co_consts",
    "closure": "f.__closure__",
    "frame of a generator": "g.gi_frame.f_globals",
    "code of a generator": "g.gi_code",
    "attributes of a function": "f.secret",
    "class of an object": "o.__class__.__dict__",
    "private attribute": "o._secret",
    "dictionary": "o.__dict__",
    "method's object": "o.method.__self__._secret",
    "method's function": "o.method.__func__.__globals__",
    "by the operation's name": "f._ask[0](f._ask[1], 'getattr', ('__globals__',), {})",
    "another number": "f._ask[0](9, '__str__', (), {})",
    "no operation": "f._ask[0](f._ask[1], 'eval', ('1',), {})",
    "an unpatched builtin": "f._ask[0](0, 'open', ('/etc/passwd',), {})",
}


def test_nothing_of_the_test_is_seen_through_a_callback(zygote: Zygote) -> None:
    """A function, a generator and an object of the test's show neither their code nor what that code can see."""
    secret = secrets.randbelow(10**15)
    looks = "\n".join(f"    look(lambda: {look})" for look in LOOKS.values())
    answer = "seen = []\ndef look(how):\n    try: seen.append(str(how()))\n    except Exception: pass\n"
    answer += f"def take(f, g, o):\n{looks}\n    return seen"
    tests = (
        f"secret = {secret}\ndef f(): return None if secret else 1\nf.secret = secret\n"
        "def gen():\n    inside = secret\n    yield 1\n"
        "class C:\n    _secret = secret\n    def method(self): return None\n"
        "g = gen()\nnext(g)\nassert not any(str(secret) in each for each in take(f, g, C()))"
    )
    (verdict,) = Small().lesson(SETUP).answer(answer).grading(tests).grade(zygote).verdicts.values()
    assert verdict.earned == 2, verdict.traces


def test_a_callback_without_end_costs_its_own_criterion_only(zygote: Zygote) -> None:
    """Code that calls back for ever is stopped, and other cells are judged."""
    small = Small().lesson(SETUP).answer("def forever(f):\n    while True: f()\ndef one(): return 1")
    small.grading("forever(lambda: 1)").grading("assert one() == 1")
    found = small.grade(zygote, cell_s=1).verdicts
    assert [found[2].earned, found[3].earned] == [0, 2]


def test_an_endless_function_costs_its_own_criteria_only(zygote: Zygote) -> None:
    """What a fork knew by numbers is found again in the one that takes its place, in the same cell as in the next."""
    small = Small().lesson(SETUP).answer("def forever():\n    while True: pass\ndef one(): return 1")
    tests = "def test_a_forever(): forever()\ndef test_b_one(): assert one() == 1\nrun_tests(points=2)"
    small.grading(f"from checks import run_tests\n{tests}").grading("forever()").grading("assert one() == 1")
    found = small.grade(zygote, cell_s=1).verdicts
    assert [verdict.earned for verdict in found.values()] == [1, 0, 2]


def test_what_a_students_process_sends_is_never_unpickled() -> None:
    """A message that holds a pickle is refused where the tests are."""
    bridge = Bridge(lambda: (_ for _ in ()).throw(AssertionError), lambda _: None)
    data = encode(object(), lambda _: Pickle(b"cos\nsystem\n(S'true'\ntR."))
    with pytest.raises(RuntimeError):
        bridge._value(Value("", 0.0, data))
