"""The notebook in which student cells run: IPython without a kernel, its outputs kept as nbformat data."""

import ast
import builtins
import contextlib
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

import matplotlib as mpl
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from matplotlib_inline.backend_inline import configure_inline_support
from traitlets import Type
from traitlets.config import Config

from closed_doors.core.wording import say
from closed_doors.grading.student.defining_cells import Past, names_read_later
from closed_doors.grading.student.no_network import magics
from closed_doors.grading.student.notebook_hosts import MAKER, Nothing, mentions_a_host, without_hosts
from closed_doors.notebook.instructor_code import python_of
from closed_doors.notebook.json_files import JsonObject

LOADING = ("load_ext", "reload_ext")
CELL_MAGICS = {"shell": "bash"}
INLINE_BACKEND = "module://matplotlib_inline.backend_inline"
PROMPTS = (">>>", "\n...", "In [")  # in a cell that is Python, and that IPython may change all the same
BREAKS = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # where IPython begins a line, and Python none
LARGEST_CELL_BYTES = 6 << 20
LONGEST_STREAM = 100_000

Output = JsonObject


class Recorder:
    """The outputs of one cell, in order, up to a limit; what comes after the limit is lost, and said to be."""

    def __init__(self) -> None:
        self.outputs: list[Output] = []
        self._left = LARGEST_CELL_BYTES
        self._stream_left = LONGEST_STREAM

    def stream(self, name: str, text: str) -> None:
        """Add text to stdout or stderr."""
        if self._stream_left <= 0:
            return
        kept = text[: self._stream_left]
        self._stream_left -= len(text)
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") != "stream" or last.get("name") != name:
            last = {"output_type": "stream", "name": name, "text": ""}
            self.outputs.append(last)
        last["text"] += kept
        if self._stream_left <= 0:
            last["text"] += f"\n{say('run.rest_not_kept')}\n"

    def add(self, output: Output) -> None:
        """Add an output of another kind than a stream."""
        self._left -= _size(output)
        if self._left > 0:
            self.outputs.append(output)

    def clear(self) -> None:
        """Forget everything, as clear_output does."""
        self.outputs.clear()


def _size(value: object) -> int:
    if isinstance(value, dict):
        return sum(map(_size, value.values())) + 100
    return len(value) if isinstance(value, str | bytes) else 100


class _Stream(io.TextIOBase):
    def __init__(self, shell: "NotebookShell", name: str) -> None:
        super().__init__()
        self._shell = shell
        self._name = name

    def write(self, text: str) -> int:
        self._shell.recorder.stream(self._name, text)
        return len(text)

    def writable(self) -> bool:
        return True


class _Publisher(DisplayPublisher):  # type: ignore[misc]
    def publish(self, data: Mapping[str, object], metadata: Mapping[str, object] | None = None, **_: object) -> None:
        output = {"output_type": "display_data", "data": dict(data), "metadata": dict(metadata or {})}
        self.shell.recorder.add(_portable(output))

    def clear_output(self, wait: bool = False) -> None:  # noqa: ARG002  (IPython's signature)
        self.shell.recorder.clear()


class _DisplayHook(DisplayHook):  # type: ignore[misc]
    def write_output_prompt(self) -> None:
        """Write nothing: the prompt is no part of the output."""

    def write_format_data(self, format_dict: Mapping[str, object], md_dict: Mapping[str, object] | None = None) -> None:
        output = {
            "output_type": "execute_result",
            "execution_count": self.prompt_count,
            "data": dict(format_dict),
            "metadata": dict(md_dict or {}),
        }
        self.shell.recorder.add(_portable(output))

    def finish_displayhook(self) -> None:
        """Write nothing: there is no terminal to end a line on."""


@dataclass(frozen=True, slots=True)
class RanCell:
    """How a cell ended.

    Attributes:
        error: what it raised; None where it came to its end.
        outputs: what stands under it.
    """

    error: BaseException | None
    outputs: list[Output]

    @property
    def ok(self) -> bool:
        """Whether it ended without an error."""
        return self.error is None


class NotebookShell(InteractiveShell):  # type: ignore[misc]
    """An IPython shell that behaves as a notebook's, without a kernel, a terminal or a history file."""

    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_DisplayHook)
    settings: ClassVar[Config] = Config(
        {
            "HistoryManager": {"enabled": False},
            "InteractiveShell": {"colors": "nocolor", "xmode": "Plain", "banner1": "", "show_rewritten_input": False},
        }
    )

    recorder = Recorder()
    transformers: tuple[list[object], ...] = ()
    past = Past()
    known: ClassVar[dict[str, str]] = {}
    names_a_host = False

    @classmethod
    def start(cls) -> "NotebookShell":
        """Return the process's shell, with figures shown inline and nobody at the keyboard."""
        shell: NotebookShell = cls.instance(config=cls.settings)
        shell.transformers = shell._transformers()
        mpl.use(INLINE_BACKEND)
        configure_inline_support(shell, INLINE_BACKEND)
        builtins.input = _no_input
        setattr(builtins, MAKER, Nothing)
        for name, magic in magics().items():
            shell.register_magic_function(magic, "line", name)
        return shell

    def learn(self, source: str) -> None:
        """Remember what a cell of the master's is as plain Python: working it out takes as long as running it."""
        names_read_later(source)
        with contextlib.suppress(SyntaxError):  # it is no Python: IPython says so when it runs
            self.known[source] = super().transform_cell(source)

    def transform_cell(self, raw_cell: str) -> str:
        """Return a cell as plain Python; IPython calls it for every cell."""
        if self._transformers() == self.transformers:
            if (known := self.known.get(raw_cell)) is not None:
                return known
            if self._is_python_already(raw_cell):
                return raw_cell if raw_cell.endswith("\n") else f"{raw_cell}\n"
        return str(super().transform_cell(raw_cell))

    def should_run_async(self, raw_cell: str, **known: object) -> bool:
        """Whether a cell awaits something; IPython would compile each of them to find out."""
        if not any(word in raw_cell for word in ("await", "async")):
            return False
        return bool(super().should_run_async(raw_cell, **known))

    def _is_python_already(self, raw_cell: str) -> bool:
        if raw_cell[:1].isspace() or any(prompt in raw_cell for prompt in (*PROMPTS, *BREAKS)):
            return False
        try:
            return python_of(raw_cell) == raw_cell
        except Exception:  # too deep, or a null byte: IPython says so
            return False

    def _transformers(self) -> tuple[list[object], ...]:
        """Return what rewrites cells: a notebook may add to it."""
        manager = self.input_transformer_manager
        lists = (self.input_transformers_post, manager.cleanup_transforms, manager.line_transforms)
        return (*map(list, lists), list(manager.token_transformers))

    def transform_ast(self, node: ast.AST) -> ast.AST:
        """Return the tree of a cell without what only a host of notebooks has; IPython calls it for every cell."""
        node = super().transform_ast(node)
        return without_hosts(node) if self.names_a_host else node

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> object:
        """Run a line magic; one that is not here is some host's, and the cell goes on without it."""
        elsewhere = mentions_a_host(line) if magic_name in LOADING else False
        if magic_name == "matplotlib":  # figures are shown inline, whatever a host offers
            elsewhere = bool(line.strip()) and "inline" not in line
        if elsewhere or self.find_line_magic(magic_name) is None:
            sys.stdout.write(say("notebook.no_such_command", command=f"%{magic_name}") + "\n")
            return None
        return super().run_line_magic(magic_name, line, _stack_depth + 1)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> object:
        """Run a cell magic; %%shell is Colab's name for %%bash."""
        return super().run_cell_magic(CELL_MAGICS.get(magic_name, magic_name), line, cell)

    def only_defines(self, source: str, asked: Iterable[str]) -> bool:
        """Whether nobody who asks for these names would notice that a cell has run (see `defining_cells`)."""
        return self.past.is_left_alone_by(source, self.user_ns, asked)

    def run(self, source: str) -> "RanCell":
        """Run one cell, and return how it ended."""
        self.past.add(source)
        self.names_a_host = mentions_a_host(source)
        self.recorder = Recorder()
        with _descriptors() as written:
            stdout, stderr = sys.stdout, sys.stderr
            sys.stdout, sys.stderr = _Stream(self, "stdout"), _Stream(self, "stderr")
            try:
                result = self.run_cell(source, store_history=True)
            finally:
                sys.stdout, sys.stderr = stdout, stderr
                _close_figures()
        if written:
            self.recorder.stream("stdout", written[0])
        return RanCell(result.error_before_exec or result.error_in_exec, self.recorder.outputs)

    def enable_gui(self, gui: str | None = None) -> None:
        """Do nothing: figures are shown inline, and there is no window."""

    def ask_exit(self) -> None:
        """Do nothing: a notebook goes on after exit(), and so does the function that calls it."""

    def _showtraceback(self, etype: type[BaseException], evalue: object, stb: list[str]) -> None:
        try:
            text = str(evalue)
        except Exception:
            text = say("run.message_unreadable")
        output = {"output_type": "error", "ename": etype.__name__, "evalue": text, "traceback": list(stb)}
        self.recorder.add(output)

    def system(self, cmd: str) -> None:
        """Run `!command`: its output becomes the cell's, for want of a terminal."""
        done = subprocess.run(  # noqa: S602  (the student's own command, in the student's own sandbox)
            self.var_expand(cmd, depth=1), shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        sys.stdout.write(done.stdout[:LONGEST_STREAM].decode("utf-8", "replace"))
        self.user_ns["_exit_code"] = done.returncode

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> object:
        """Run `x = !command`."""
        from IPython.utils.text import SList

        done = subprocess.run(  # noqa: S602
            self.var_expand(cmd, depth=depth + 1),
            shell=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        text = done.stdout[:LONGEST_STREAM].decode("utf-8", "replace")
        return SList(text.splitlines()) if split else text


def _close_figures() -> None:
    """Close what a cell has drawn: a notebook shows its figures below it, and the next cell begins without any."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    with contextlib.suppress(Exception):  # student code may have put anything in its place
        if pyplot is not None and pyplot.get_fignums():
            pyplot.close("all")


def _no_input(prompt: object = "", /) -> str:  # noqa: ARG001
    raise StdinNotImplementedError(say("run.no_input"))


def _portable(output: Output) -> Output:
    """Return the output with bytes in base64 and other objects as text, as a kernel sends them."""
    import base64

    def plain(value: object) -> object:
        if isinstance(value, bytes):
            return base64.b64encode(value).decode("ascii")
        if isinstance(value, dict):
            return {str(key): plain(item) for key, item in value.items()}
        return value if value is None or isinstance(value, str | int | float | bool) else str(value)

    return {key: plain(value) for key, value in output.items()}


def _room_for_text() -> IO[bytes]:
    try:
        return tempfile.TemporaryFile()
    except OSError:  # the notebook has filled its own disk
        return Path(os.devnull).open("r+b", buffering=0)


@contextlib.contextmanager
def _descriptors() -> Iterator[list[str]]:
    """Catch what C code and child processes write to descriptors 1 and 2, where there is still room for a file."""
    written: list[str] = []
    with _room_for_text() as file:
        saved = [os.dup(1), os.dup(2)]
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield written
        finally:
            for target, descriptor in enumerate(saved, start=1):
                os.dup2(descriptor, target)
                os.close(descriptor)
            if file.seekable():
                file.seek(0)
            if text := file.read(LONGEST_STREAM).decode("utf-8", "replace"):
                written.append(text)
