"""The lines that close the doors of a course, in its own nbgrader_config.py, and what its settings mean then.

What a course sets itself goes before what `configuration.close_doors` sets, since the lines stand right below
`c = get_config()`.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jupyter_core.paths import jupyter_config_path
from traitlets.config.loader import Config, LazyConfigValue

from closed_doors.core.errors import CourseError
from closed_doors.core.layout import CONFIG_NAME
from closed_doors.nbgrader.configuration import close_doors
from closed_doors.nbgrader.settings import read_delimiters, read_stubs
from closed_doors.notebook.hidden_regions import Stubs

IMPORT = "from closed_doors.nbgrader.configuration import close_doors"
OWN_RULE = "nbgrader.plugins.LateSubmissionPlugin"
KEPT_RULE = '{c}.AssignLatePenalties.plugin_class = "' + OWN_RULE + '"  # the rule that the course has had'
# What grading behind closed doors stands on: a course that sets one of these itself opens the doors again.
NEEDED = {
    ("Autograde", "autograde_preprocessors"): "nbgrader's own button would run student code beside the hidden tests",
    ("Autograde", "sanitize_preprocessors"): "a submission would not be rebuilt on its master",
}
OURS_OTHERWISE = {
    ("AssignLatePenalties", "plugin_class"): "its own rule goes on to decide what lateness costs",
    ("ExchangeFactory", "collect"): "work is collected by its own exchange, whose word counts for times of arrival",
    ("GenerateFeedback", "exporter_class"): "`nbgrader generate_feedback` goes on to show what it showed",
    ("GenerateFeedback", "preprocessors"): "`nbgrader generate_feedback` goes on to show what it showed",
    ("ExportApp", "plugin_class"): "`nbgrader export` writes penalties as they were last stored",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about a course that whoever adopts it should know.

    Attributes:
        text: a sentence.
        blocks: whether it has to be mended before the course can be adopted.
    """

    text: str
    blocks: bool = False


def with_closed_doors(text: str, config: Config) -> str:
    """Return an nbgrader_config.py with the lines that close the doors; as it is where it has them.

    Args:
        text: the file; empty where there is none.
        config: what it sets.

    Raises:
        CourseError: it is not Python.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise CourseError(f"{CONFIG_NAME} can't be read as Python: {error}.") from error
    if _is_closed(tree):
        return text
    found = _config_name(tree)
    name, at = found or ("c", _head(tree))
    lines = [] if found else [f"{name} = get_config()"]
    lines += [IMPORT, f"close_doors({name})"]
    if _has_own_rule(config):
        lines.append(KEPT_RULE.format(c=name))
    there = text.splitlines(keepends=True)
    end = "\r\n" if "\r\n" in text else "\n"
    if at and not there[at - 1].endswith("\n"):
        there[at - 1] += end
    return "".join([*there[:at], *(line + end for line in lines), *there[at:]])


def closed(config: Config) -> Config:
    """Return what a course's settings are with the lines in them."""
    found = Config()
    close_doors(found)
    if _has_own_rule(config):
        found.AssignLatePenalties.plugin_class = OWN_RULE
    found.merge(config)
    return found


def notices(root: Path, config: Config) -> Iterator[Notice]:
    """Yield what a course's own settings mean behind closed doors.

    Args:
        root: the course's folder.
        config: what its nbgrader_config.py sets.
    """
    yield from _places(root, config)
    yield from _honoured(config)
    yield from _own_plug_ins(config)
    exchange = [f"{name}.{key}" for name in sorted(config) if name.startswith("Exchange") for key in config[name]]
    if exchange:
        yield Notice(f"Settings of the exchange stay in force: {', '.join(exchange)}.")


def _places(root: Path, config: Config) -> Iterator[Notice]:
    directory = config.CourseDirectory
    if (name := directory.get("source_directory", "source")) != "source":
        yield Notice(f"Masters lie in {name}/, and this grader looks for them in source/: rename the folder.", True)
    if "root" in directory and Path(directory.root).expanduser().resolve() != root:
        yield Notice(f"CourseDirectory.root names another folder, {directory.root}: adopt the course there.", True)
    for folder in map(Path, jupyter_config_path()):
        for other in (folder / CONFIG_NAME, folder / "nbgrader_config.json"):
            if other.is_file() and folder.resolve() != root:
                yield Notice(f"{other} has settings too, which this grader does not read: move them to {CONFIG_NAME}.")


def _honoured(config: Config) -> Iterator[Notice]:
    if own := read_delimiters(config).own:
        yield Notice(f"Markers of its own are honoured: {', '.join(own)}.")
    if read_stubs(config) != Stubs():
        yield Notice("Stubs of its own are honoured.")
    if "autotest_delimiter" in config.InstantiateTests:
        yield Notice(
            "InstantiateTests.autotest_delimiter is set: this grader knows tests to generate by AUTOTEST only.", True
        )
    around = config.IncludeHeaderFooter
    for which in ("header", "footer"):
        if around.get(which):
            yield Notice(f"The {which} {around.get(which)} is the instructor's in every notebook, as nbgrader has it.")
    if isinstance(limit := config.ExecutePreprocessor.get("timeout", config.Execute.get("timeout")), int):
        yield Notice(f"The time limit of a cell, {limit} s, is honoured.")
    if _has_own_rule(config):
        yield Notice(
            f"Lateness costs what it did: the method {config.LateSubmissionPlugin.penalty_method!r} stays in force."
        )


def _own_plug_ins(config: Config) -> Iterator[Notice]:
    """Yield where the course and the closed doors set the same, and the course wins; then other plug-ins."""
    ours = Config()
    close_doors(ours)
    for section in sorted(config):
        for key, value in config[section].items():
            place = (section, key)
            if section in ours and key in ours[section]:
                yield from _same_place(place, value, ours[section][key])
            elif key.endswith(("plugin_class", "preprocessors")):
                yield Notice(f"A plug-in of its own stays in force: {section}.{key} = {value!r}.")


def _same_place(place: tuple[str, str], value: object, ours: object) -> Iterator[Notice]:
    name = ".".join(place)
    if value == ours:
        return
    if place in NEEDED:
        yield Notice(f"{CONFIG_NAME} sets {name} itself, so {NEEDED[place]}: take that out.", True)
    elif isinstance(value, LazyConfigValue):
        yield Notice(f"{name} is added to, which stays in force.")
    else:
        what = OURS_OTHERWISE.get(place, "its own goes before that of this grader")
        yield Notice(f"The course sets {name}: {what}.")


def _has_own_rule(config: Config) -> bool:
    """Whether nbgrader's usual plug-in for late work takes something off; it is kept then."""
    method = config.LateSubmissionPlugin.get("penalty_method", "none")
    return bool(method != "none") and "plugin_class" not in config.AssignLatePenalties


def _is_closed(tree: ast.Module) -> bool:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any("close_doors" in (getattr(call, "id", ""), getattr(call, "attr", "")) for call in calls)


def _config_name(tree: ast.Module) -> tuple[str, int] | None:
    """Return what the file calls its configuration, and the line on which that is made."""
    for node in tree.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        target = node.targets[0]
        if getattr(node.value.func, "id", "") == "get_config" and isinstance(target, ast.Name):
            return target.id, node.end_lineno or node.lineno
    return None


def _head(tree: ast.Module) -> int:
    """Return the last line of the docstring and of imports from __future__."""
    at = 0
    for node in tree.body:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_text and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        at = node.end_lineno or at
    return at
