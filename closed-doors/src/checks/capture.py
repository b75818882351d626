"""Exécute du code d'étudiant : temps limité, sorties retenues, figures refermées.

nbgrader donne 0 à une cellule de test qui écrit quoi que ce soit sur stderr, fût-ce l'avertissement d'un code juste :
rien de ce que le code testé écrit là ne doit donc atteindre la cellule, par quelque chemin que ce soit.
"""

import contextlib
import io
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO, Any

from .time_limits import TimeLimitExceeded, time_limit

__all__ = [
    "Interruption",
    "TimeLimitExceeded",
    "figures_closed",
    "silent_stderr",
    "standard_output",
    "time_limit",
]

STDERR_FD = 2


class Interruption:
    """Dit si l'utilisateur a vraiment interrompu le noyau, ou si le code testé a levé KeyboardInterrupt."""

    def __init__(self) -> None:
        self.happened = False

    @contextlib.contextmanager
    def watch(self) -> Iterator[None]:
        """Retient qu'un signal d'interruption est arrivé pendant le bloc."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def note(_signal: int, _frame: FrameType | None) -> None:
            self.happened = True
            raise KeyboardInterrupt

        previous = signal.signal(signal.SIGINT, note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, previous)


@contextlib.contextmanager
def standard_output(limit: int) -> Iterator[io.StringIO]:
    """Retient ce que le bloc affiche, jusqu'à `limit` caractères ; le reste est perdu."""
    buffer = _CappedText(limit)
    with contextlib.redirect_stdout(buffer):
        yield buffer


@contextlib.contextmanager
def silent_stderr() -> Iterator[None]:
    """Retient tout ce qui part vers stderr : sys.stderr, son ancien objet, et le descripteur 2."""
    stream = sys.stderr
    with contextlib.suppress(Exception):
        stream.flush()
    sink = _CappedText(0)
    with contextlib.redirect_stderr(sink), _overridden_write(stream, sink), _descriptor_elsewhere():
        yield


@contextlib.contextmanager
def _overridden_write(stream: Any, sink: io.StringIO) -> Iterator[None]:
    """Un gestionnaire de logging créé plus tôt garde l'ancien sys.stderr : ses écritures sont retenues aussi."""
    try:
        stream.write = sink.write
    except AttributeError:  # un vrai fichier : son descripteur est détourné
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(AttributeError):
            del stream.write


@contextlib.contextmanager
def _descriptor_elsewhere() -> Iterator[None]:
    """Détourne le descripteur 2 : code C, processus fils et sys.__stderr__ l'utilisent sans passer par Python."""
    try:
        saved = os.dup(STDERR_FD)
    except OSError:  # stderr est fermé : il n'y a rien à détourner
        yield
        return
    try:
        with _nowhere() as file:
            os.dup2(file.fileno(), STDERR_FD)
            try:
                yield
            finally:
                if sys.__stderr__ is not None:
                    with contextlib.suppress(Exception):
                        sys.__stderr__.flush()
                os.dup2(saved, STDERR_FD)
    finally:
        os.close(saved)


def _nowhere() -> IO[bytes]:
    """Un fichier où écrire sans que rien ne reste."""
    try:
        return Path(os.devnull).open("wb")
    except OSError:  # pas de tel fichier ici
        return tempfile.TemporaryFile()


@contextlib.contextmanager
def figures_closed() -> Iterator[None]:
    """Referme les figures que le bloc a ouvertes : elles s'afficheraient sous la cellule de test."""
    before = _open_figures()
    try:
        yield
    finally:
        for number in _open_figures() - before:
            sys.modules["matplotlib.pyplot"].close(number)


def _open_figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()


class _CappedText(io.StringIO):
    """Un texte en mémoire qui cesse de grandir à sa limite, sans erreur pour celui qui écrit."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._left = limit

    def write(self, text: str) -> int:
        kept = text[: max(self._left, 0)]
        self._left -= len(kept)
        super().write(kept)
        return len(text)
