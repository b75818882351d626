"""Answers, at once, the commands that would fetch something: there is no network here, and waiting for it costs time.

Small programs of the same names stand before all others on the path of what a cell starts, and a module `pip` before
the real one, here and for any Python that it starts. So `!pip`, `%%bash`, `subprocess`, `python -m pip` and
`pip.main([...])` are answered alike, and the rest of the cell goes on.
"""

import os
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from closed_doors.core.wording import say

FOLDER = Path("/tmp/.local")  # noqa: S108  (the sandbox's own)
COMMANDS = (
    *(
        "pip",
        "pip3",
        f"pip3.{sys.version_info.minor}",
        "pipx",
        "easy_install",
        "conda",
        "mamba",
        "micromamba",
        "uv",
        "uvx",
        "poetry",
        "pipenv",
    ),
    *("apt", "apt-get", "aptitude", "yum", "dnf", "apk", "brew", "snap", "npm", "npx", "yarn", "pnpm", "bun"),
    *("wget", "wget2", "curl", "aria2c", "axel", "lftp", "svn", "gh", "aws"),
    *("gdown", "kaggle", "huggingface-cli", "hf", "gsutil", "gcloud", "rsync", "scp", "sftp", "ssh"),
)
MODULES = ("pip", "conda", "uv", "gdown")  # for `python -m` and `import`
PARTS = {"pip": ("_internal", "_internal/cli", "_internal/cli/main")}  # that people call a module by
MAGICS = ("pip", "conda", "mamba", "micromamba", "uv")
_FETCHING = "clone|fetch|pull|push|ls-remote|submodule"
_PROGRAM = """#!/bin/sh
name=${{0##*/}}
printf '%s\\n' "{}"
"""
_GIT = """#!/bin/sh
for word in "$@"; do
  case "$word" in
    -*) ;;
    {fetching}) printf '%s\\n' "{sentence}"; exit 0 ;;
    *) break ;;
  esac
done
PATH=${{PATH#"${{0%/*}}:"}} exec git "$@"
"""
_SUDO = """#!/bin/sh
exec "$@"
"""
_MODULE = "import sys\nprint({!r})\nsys.exit(0)\n"
_IMPORTED = """def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return lambda *_, **__: print({!r}) or 0
"""


def answer_fetching_commands() -> None:
    """Put our programs before all others, in what a cell of this process starts; no disk for them is no error."""
    programs, modules = FOLDER / "bin", FOLDER / "lib"
    try:
        programs.mkdir(parents=True)
        _write_programs(programs)
        for name in MODULES:
            _write_module(modules / name)
    except OSError:
        return
    sys.meta_path.insert(0, _OurModules(modules))
    os.environ["PATH"] = f"{programs}:{os.environ['PATH']}"
    os.environ["PYTHONPATH"] = str(modules)


class _OurModules(MetaPathFinder):
    """Finds our modules before anything else of the same name."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """Return where a module of ours lies; None for all others."""
        return PathFinder.find_spec(fullname, [self._folder]) if fullname in MODULES else None


def _sentence(command: str) -> str:
    return say("notebook.no_network", command=command)


def _write_programs(folder: Path) -> None:
    first = folder / COMMANDS[0]
    for name, text in (
        (COMMANDS[0], _PROGRAM.format(_sentence("$name"))),
        ("git", _GIT.format(fetching=_FETCHING, sentence=_sentence("git $word"))),
        ("sudo", _SUDO),
    ):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    for name in COMMANDS[1:]:
        (folder / name).symlink_to(first.name)


def _write_module(folder: Path) -> None:
    """Write a module whose every function answers."""
    name = folder.name
    for part in ("", *PARTS.get(name, ())):
        (folder / part).mkdir(parents=True)
        (folder / part / "__init__.py").write_text(_IMPORTED.format(_sentence(name)), encoding="utf-8")
    (folder / "__main__.py").write_text(_MODULE.format(_sentence(f"python -m {name}")), encoding="utf-8")


def magics() -> dict[str, Callable[[str], None]]:
    """Return line magics that answer at once, by name."""

    def answering(name: str) -> Callable[[str], None]:
        def answer(line: str) -> None:  # noqa: ARG001  (IPython's signature)
            sys.stdout.write(_sentence(f"%{name}") + "\n")

        return answer

    return {name: answering(name) for name in MAGICS}
