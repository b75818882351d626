"""Limite le temps d'un bloc ou d'un appel, sur toute machine et dans tout fil d'exécution.

Dans le fil principal, l'interruption est l'affaire d'un gestionnaire de signal, qui voit où en est le code : il n'en
lève aucune dès que le bloc est quitté. Le minuteur d'Unix le réveille, même pendant un appel qui attend ; où il n'y en
a pas (Windows), un fil de garde. Un autre fil n'a pas de signaux : le fil de garde y dépose l'exception.
"""

import _thread
import contextlib
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Protocol

RETRY_S = 0.01
FAREWELL_STEP_S = 0.001
LONGEST_FAREWELL_S = 10.0  # CPython may give an exception meant for this thread to one that it has just begun to start
WATCHDOG_SIGNAL = signal.SIGTERM  # raised in this process only, where there is no alarm


class TimeLimitExceeded(BaseException):
    """Le code testé a dépassé son temps."""


class Waker(Protocol):
    """Réveille de temps en temps un gestionnaire, dans le fil principal."""

    def start(self, handler: Callable[[int, FrameType | None], None], wait: float) -> None:
        """Commence, après ce temps."""

    def again(self, wait: float) -> None:
        """Réveille encore, après ce temps."""

    def stop(self) -> None:
        """Remet ce qui était là avant."""


@contextlib.contextmanager
def _nothing() -> Iterator[None]:
    yield


def time_limit(seconds: float) -> contextlib.AbstractContextManager[None]:
    """Interrompt le bloc quand il a épuisé son temps, dans le fil principal ; ailleurs, ne limite rien.

    L'interruption est répétée : un code qui avale toutes les exceptions dans sa boucle finit par la laisser passer.
    Aucune n'arrive plus une fois le bloc quitté.

    Args:
        seconds: temps accordé, tel qu'une montre le mesure.

    Raises:
        TimeLimitExceeded: dans le bloc, quand ce temps est épuisé.
    """
    if threading.current_thread() is not threading.main_thread():
        return _nothing()
    return _Limit(time.monotonic() + seconds, _Alarm() if _has_timer() else _Watchdog())


def call_within(action: Callable[[], None], seconds: float) -> None:
    """Appelle `action`, et l'interrompt quand elle a épuisé son temps, dans n'importe quel fil d'exécution.

    Hors du fil principal, un appel qui attend dans du code C (time.sleep) n'est interrompu qu'à son retour.

    Args:
        action: ce qui est appelé.
        seconds: temps accordé, tel qu'une montre le mesure.

    Raises:
        TimeLimitExceeded: ce temps est épuisé.
    """
    if threading.current_thread() is threading.main_thread():
        with time_limit(seconds):
            action()
        return
    pursuit = _Pursuit(time.monotonic() + seconds)
    # Python delivers a deposited exception after a call or at a loop's turn only: none comes between the action's end
    # and `left`, and at most one, deposited before `left` was set, comes after it.
    try:
        pursuit.start()
        action()
    finally:
        pursuit.left = True
        try:
            pursuit.settle()
        except TimeLimitExceeded:
            pursuit.settle()


def _left(deadline: float) -> float:
    """Renvoie le temps qui reste jusqu'à cette heure ; 0 quand elle est passée."""
    return max(deadline - time.monotonic(), 0.0)


def _has_timer() -> bool:
    return hasattr(signal, "setitimer") and hasattr(signal, "SIGALRM")


class _Limit:
    """Un bloc au temps limité, dans le fil principal."""

    def __init__(self, deadline: float, waker: Waker) -> None:
        self._deadline = deadline
        self._waker = waker

    def __enter__(self) -> None:
        self._waker.start(self._look, max(_left(self._deadline), 1e-6))

    def __exit__(self, *_: object) -> None:
        self._waker.stop()

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        if _at_the_edge(frame):
            return
        left = _left(self._deadline)
        self._waker.again(left or RETRY_S)
        if not left:
            raise TimeLimitExceeded


_EDGES = frozenset({_Limit.__enter__.__code__, _Limit.__exit__.__code__})


def _at_the_edge(frame: FrameType | None) -> bool:
    """Vrai si le bloc n'a pas commencé, ou s'achève : une interruption le quitterait sans que rien soit remis."""
    while frame is not None:
        if frame.f_code in _EDGES:
            return True
        frame = frame.f_back
    return False


def _put_back(number: int, handler: "signal._HANDLER") -> None:
    """Remet un gestionnaire ; signal.signal appelle d'abord le nôtre pour les signaux déjà venus."""
    signal.signal(number, signal.SIG_DFL if handler is None else handler)  # None: not set from Python


class _Alarm:
    """Le minuteur d'Unix ; un minuteur qui marchait déjà continue, et sonne à son heure."""

    def start(self, handler: Callable[[int, FrameType | None], None], wait: float) -> None:
        self._handler = handler
        self._previous = signal.signal(signal.SIGALRM, self._ring)
        delay, self._interval = signal.setitimer(signal.ITIMER_REAL, 0)
        self._previous_due = time.monotonic() + delay if delay else math.inf
        self.again(wait)

    def again(self, wait: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, min(wait, self._previous_wait()), RETRY_S)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _put_back(signal.SIGALRM, self._previous)
        if not math.isinf(self._previous_due):
            signal.setitimer(signal.ITIMER_REAL, self._previous_wait(), self._interval)

    def _previous_wait(self) -> float:
        return max(self._previous_due - time.monotonic(), 1e-6)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        if time.monotonic() >= self._previous_due:
            self._previous_due = time.monotonic() + self._interval if self._interval else math.inf
            if callable(self._previous):
                self._previous(number, frame)
        self._handler(number, frame)


class _Watchdog:
    """Un fil de garde qui fait venir un signal dans le fil principal, où il n'y a pas de minuteur."""

    def start(self, handler: Callable[[int, FrameType | None], None], wait: float) -> None:
        self._wait = wait
        self._looks = 0
        self._handler = handler
        self._stopped = threading.Event()
        self._previous = signal.signal(WATCHDOG_SIGNAL, self._ring)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        with contextlib.suppress(RuntimeError):  # a Python in a browser has no threads, hence no limits
            self._thread.start()

    def again(self, wait: float) -> None:
        self._wait = wait

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()
        _put_back(WATCHDOG_SIGNAL, self._previous)

    def _watch(self) -> None:
        while not self._stopped.wait(self._wait):
            self._wait = RETRY_S
            self._looks += 1
            _thread.interrupt_main(WATCHDOG_SIGNAL)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        if self._looks:
            self._looks = 0
            self._handler(number, frame)
        elif callable(self._previous):
            self._previous(number, frame)
        elif self._previous == signal.SIG_DFL:  # somebody else's signal means what it meant
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)


class _Pursuit:
    """Un fil de garde qui dépose TimeLimitExceeded dans le fil qui l'a créé.

    L'exception peut arriver entre deux instructions du fil gardé : ses moyens de s'arrêter sont donc des plus simples,
    sans verrou que ce fil pourrait laisser fermé.
    """

    def __init__(self, deadline: float) -> None:
        self.left = False
        self._deadline = deadline
        self._target = threading.get_ident()
        self._gate = threading.Lock()
        self._finished = True

    def start(self) -> None:
        """Commence la garde."""
        self._gate.acquire()
        self._finished = False
        try:
            _thread.start_new_thread(self._watch, ())
        except RuntimeError:
            self._finished = True

    def settle(self) -> None:
        """Finit la garde : rien n'est plus déposé, et ce qui n'est pas encore arrivé est repris."""
        if self._gate.locked():
            self._gate.release()
        latest = time.monotonic() + LONGEST_FAREWELL_S
        while not self._finished and time.monotonic() < latest:
            time.sleep(FAREWELL_STEP_S)
        _deposit(self._target, None)

    def _watch(self) -> None:
        try:
            while not self._gate.acquire(timeout=_left(self._deadline) or RETRY_S):
                if not self.left and not _left(self._deadline):
                    _deposit(self._target, TimeLimitExceeded)
        finally:
            self._finished = True


def _deposit(thread: int, kind: type[BaseException] | None) -> None:
    """Fait lever cette exception à un autre fil, ou reprend celle qui attend (None)."""
    with contextlib.suppress(ImportError, AttributeError):  # a Python that isn't CPython limits nothing there
        import ctypes

        error = None if kind is None else ctypes.py_object(kind)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), error)
