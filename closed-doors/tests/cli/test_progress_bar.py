"""How far a command is, where there is no terminal."""

import io

import pytest
from rich.console import Console

from closed_doors.cli import progress_bar


def test_elsewhere_than_on_a_terminal_a_line_is_printed_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing before the first piece is done, then a line with the rate; and silence while the last one is recent."""
    text = io.StringIO()
    monkeypatch.setattr(progress_bar, "QUIET_S", -1)
    with progress_bar.progress_bar(Console(file=text, width=100), "Grading") as progress:
        progress(0, 3)
        assert not text.getvalue()
        progress(1, 3)
        assert text.getvalue().startswith("Grading: 1 of 3, ")
        monkeypatch.setattr(progress_bar, "QUIET_S", 3600)
        progress(2, 3)
    assert text.getvalue().count("\n") == 1
