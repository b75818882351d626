"""Prints what a marker waits for at the desk: its pages and the next answer, for classes of some sizes.

    python closed-doors/benchmarks/desk_answers.py [--answers 300 2000] [--rounds 60]

`course desk` runs as its users run it, on a class whose written answers wait; the requests are those that its page
makes. The times are what a browser on the same machine waits for the server, percentiles in milliseconds. The class is
entered as graded, without running a cell, by what the tests use for it.
"""

import argparse
import random
import re
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar
from pathlib import Path

import machine

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.courses import ASSIGNMENT
from support.written_classes import QUESTION, desk_on, written_class

WORDS = ("doubler", "nombre", "ajouter", "somme", "exemple", "deux", "trois", "négatif", "borne", "produit", "entier")
Q = f"q/{ASSIGNMENT}/{ASSIGNMENT}/{QUESTION}"


def class_of(count: int) -> dict[str, str]:
    """Return answers of forty words by student."""
    chance = random.Random(7)
    return {f"etudiant{number:05}": " ".join(chance.choices(WORDS, k=40)) for number in range(count)}


class Browser:
    """Asks what the desk's page asks, and takes the time.

    Args:
        address: of the desk, with the token.
    """

    def __init__(self, address: str) -> None:
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._at = address.partition("/desk")[0].partition("/?")[0] + "/desk/"
        self.get(address, whole=True)

    def get(self, path: str, whole: bool = False) -> tuple[str, float]:
        """Return what an address gives, and after how many milliseconds."""
        began = time.perf_counter()
        with self._opener.open(path if whole else self._at + path) as answer:
            text = answer.read().decode()
        return text, 1000 * (time.perf_counter() - began)


def line(what: str, times: list[float]) -> str:
    """Return one line of the table."""
    ordered = sorted(times)
    ninth = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"{what:34} {ordered[0]:8.0f} {statistics.median(ordered):8.0f} {ninth:8.0f} {ordered[-1]:8.0f}"


def measure(answers: int, rounds: int) -> None:
    """Print the lines of one class."""
    with tempfile.TemporaryDirectory() as folder:
        written = written_class(Path(folder) / "course", class_of(answers))
        with desk_on(written.root) as address:
            browser = Browser(address)
            _, first = browser.get(f"{Q}/next")
            print(line(f"{answers}: first answer, whole, cold", [first]))
            found = {"after": ""}

            def following() -> float:
                text, took = browser.get(f"{Q}/next?part=1&after={found['after']}&way=forward")
                named = re.search(r'"id": ?"([^"]+)"', text)
                found["after"] = named[1] if named else ""
                return took

            ways: dict[str, Callable[[], float]] = {
                "first page": lambda: browser.get("")[1],
                "list of answers": lambda: browser.get(f"{Q}/")[1],
                "first answer, whole": lambda: browser.get(f"{Q}/next")[1],
                "next answer": following,
                "class, first page": lambda: browser.get("class/")[1],
            }
            for what, ask in ways.items():
                print(line(f"{answers}: {what}", [ask() for _ in range(rounds)]), flush=True)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, nargs="+", default=[300, 2000], help="how large the classes are")
    parser.add_argument("--rounds", type=int, default=60, help="how often each is asked for")
    arguments = parser.parse_args()
    print(machine.name())
    print(f"{'ms':34} {'least':>8} {'median':>8} {'95 %':>8} {'most':>8}")
    for answers in arguments.answers:
        measure(answers, arguments.rounds)


if __name__ == "__main__":
    main()
