"""Saved outputs are left aside before a notebook's size counts, and everything else of it stays as it is."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closed_doors.core.errors import SubmissionError
from closed_doors.notebook.ingest import Caps, parse_submission, read_notebook
from closed_doors.notebook.outputs_left_out import without_outputs

LARGE = 1 << 24
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["outputs", 'a"', "b\\"]), inner, max_size=3)
    ),
    max_leaves=12,
)
CELL = st.fixed_dictionaries(
    {"cell_type": st.just("code"), "source": st.text(max_size=12)},
    optional={"outputs": JSON, "metadata": JSON, 'x"outputs"': JSON},
)


def expected(notebook: Any) -> Any:
    cells = [one | ({"outputs": []} if isinstance(one.get("outputs"), list) else {}) for one in notebook["cells"]]
    return notebook | {"cells": cells}


@settings(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries({"cells": st.lists(CELL, max_size=4), "metadata": JSON, "outputs": JSON}),
    st.integers(1, 40),
    st.sampled_from([None, 1]),
)
def test_only_outputs_of_cells_are_cut(notebook: Any, size: int, indent: int | None) -> None:
    """Whatever stands elsewhere under the same name stays, in pieces of any size."""
    data = json.dumps(notebook, indent=indent).encode()
    pieces = [data[place : place + size] for place in range(0, len(data), size)]
    assert json.loads(without_outputs(pieces, LARGE)) == expected(notebook)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='{}[]":,\\outputs \n', max_size=80), st.integers(1, 9))
def test_what_is_no_json_is_no_error(text: str, size: int) -> None:
    """Half a notebook is cut as far as it goes; whether it is one is the parser's to say."""
    data = text.encode()
    assert without_outputs([data[n : n + size] for n in range(0, len(data), size)], LARGE) == without_outputs(
        [data], LARGE
    )


def test_outputs_do_not_count(tmp_path: Path) -> None:
    """A notebook of 25 MB of figures is read, and its answers are there."""
    output = {"output_type": "display_data", "data": {"image/png": "A" * 12_500_000}, "metadata": {}}
    cell = {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [output, output]}
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}))
    data = read_notebook(path, tmp_path)
    assert len(data) < 1000
    assert parse_submission(data, "n.ipynb")["cells"][0]["source"] == "x = 1"


def test_what_is_left_has_a_limit(tmp_path: Path) -> None:
    """Text that is no output counts, and the message says of what."""
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "metadata": {"x": "y" * 3_000_000}, "cells": []}))
    with pytest.raises(SubmissionError, match="dépasse 2\u00a0Mio sans ses sorties"):
        read_notebook(path, tmp_path, Caps(kept_mib=2))


MEASURE = """
import resource, sys
from pathlib import Path
from closed_doors.core.errors import SubmissionError
from closed_doors.notebook.ingest import read_notebook, parse_submission
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
path = Path(sys.argv[1])
try:
    parse_submission(read_notebook(path, path.parent), path.name)
except SubmissionError as error:
    pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
HOSTILE = {
    "95 MiB of outputs": lambda: (
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "outputs": ["' + b"x" * (95 << 20) + b'"]}]}'
    ),
    "many small lists": lambda: b'{"nbformat": 4, "cells": [' + b"[]," * 9_000_000 + b"[]]}",
    "many numbers": lambda: b'{"nbformat": 4, "cells": [' + b"1000," * 5_000_000 + b"1]}",
    "many keys in outputs": lambda: b'{"nbformat": 4, "cells": [{"outputs": [' + b'{"a":"b"},' * 2_000_000 + b"1]}]}",
    "wide characters": lambda: b'{"nbformat": 4, "cells": [{"source": "' + "\U0001f600".encode() * 7_000_000 + b'"}]}',
    "backslashes": lambda: b'{"nbformat": 4, "cells": [{"source": "' + b"\\\\" * 14_000_000 + b'"}]}',
    "brackets": lambda: b"[" * 20_000_000,
    "more than a file may have": lambda: b" " * (101 << 20),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", HOSTILE)
def test_no_file_takes_much_memory(case: str, tmp_path: Path) -> None:
    """Whatever a file is filled with, reading it takes less than 256 MiB."""
    path = tmp_path / "n.ipynb"
    path.write_bytes(HOSTILE[case]())
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, path], capture_output=True, text=True, check=True, env=os.environ
    )
    assert int(done.stdout) < 256
