"""The lines that close a course's doors go where the course's own settings still win, and once."""

import pytest
from traitlets.config.loader import Config

from closed_doors.core.errors import CourseError
from closed_doors.nbgrader.config_lines import IMPORT, with_closed_doors

LINES = f"{IMPORT}\nclose_doors(c)\n"


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("c = get_config()\nc.X.y = 1\n", f"c = get_config()\n{LINES}c.X.y = 1\n"),
        ("", f"c = get_config()\n{LINES}"),
        ('"""Ours."""\nfrom __future__ import annotations\nc.X.y = 1\n', None),
        ("cfg = get_config()", f"cfg = get_config()\n{IMPORT}\nclose_doors(cfg)\n"),
        ("import os\r\nc = get_config()\r\n", None),
    ],
)
def test_the_lines_stand_below_get_config(text: str, changed: str | None) -> None:
    """What the course sets comes after them; line ends and all other lines are as they were."""
    found = with_closed_doors(text, Config())
    if changed is not None:
        assert found == changed
    added = [line for line in found.splitlines(keepends=True) if line not in text.splitlines(keepends=True)]
    assert len(added) in (2, 3) or text == "cfg = get_config()"
    assert ("\r\n" in text) == all(line.endswith("\r\n") for line in found.splitlines(keepends=True))
    compile(found, "nbgrader_config.py", "exec")
    assert with_closed_doors(found, Config()) == found


def test_a_rule_of_nbgraders_own_is_kept() -> None:
    """Where lateness has cost something by nbgrader's usual plug-in, it goes on to."""
    config = Config()
    config.LateSubmissionPlugin.penalty_method = "zero"
    assert "LateSubmissionPlugin" in with_closed_doors("c = get_config()\n", config)
    config.AssignLatePenalties.plugin_class = "late.Rule"
    assert "LateSubmissionPlugin" not in with_closed_doors("c = get_config()\n", config)


def test_what_is_no_python_is_refused() -> None:
    """Before anything is written."""
    with pytest.raises(CourseError, match="can't be read as Python"):
        with_closed_doors("c = = 1", Config())
