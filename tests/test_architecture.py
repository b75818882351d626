"""Which room may know which: the directions of docs/architecture.md."""

import ast
from collections.abc import Iterator
from pathlib import Path

SRC = Path(__file__).resolve().parent.parent / "src"
# A module may import those of its own line and of the lines below it.
LAYERS = [
    {"closed_doors.cli.main"},
    {"closed_doors.cli"},
    {"closed_doors.demo"},
    {
        "closed_doors.authoring.hint_writing",
        "closed_doors.authoring.quality",
        "closed_doors.authoring.publish",
        "closed_doors.pages",
        "closed_doors.moodle",
    },
    {"closed_doors.classroom"},
    {"closed_doors.nbgrader", "closed_doors.authoring.publish.masters"},
    {"closed_doors.grading"},
    {"closed_doors.grading.bridge", "closed_doors.grading.sandbox"},
    {"closed_doors.notebook"},
    {"closed_doors.core.layout", "closed_doors.core.files"},
    {"closed_doors.core.errors"},
]


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(SRC.glob("*/**/*.py")):
        yield ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__"), path


def imports(module: str, path: Path) -> set[str]:
    """Absolute names of the course's own modules that a module imports, anywhere in it."""
    found = set()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package if node.level else ""
            name = ".".join(part for part in (base, node.module) if part)
            found |= {f"{name}.{alias.name}" for alias in node.names} if not node.module else {name}
    return {name for name in found if name.split(".")[0] in ("attention", "checks", "grading")}


def layer(module: str) -> int:
    return next(n for n, names in enumerate(LAYERS) if any(module == x or module.startswith(f"{x}.") for x in names))


def test_packages_do_not_know_each_other() -> None:
    """`attention`, `checks` and `grading` import only themselves; and nobody imports a package's own __init__."""
    for module, path in modules():
        package = module.split(".")[0]
        for name in imports(module, path):
            assert name.split(".")[0] == package or (package == "grading" and name.startswith("checks.")), (
                module,
                name,
            )
            assert name not in ("attention", "checks", "grading"), (module, name)


def test_grading_imports_point_downwards() -> None:
    """Inside `grading`, the command line stands on top and the errors below everything."""
    for module, path in modules():
        if module.startswith("grading."):
            for name in (name for name in imports(module, path) if name.startswith("grading.")):
                assert layer(name) >= layer(module), (module, name)


def test_nbgrader_is_spoken_to_in_one_room() -> None:
    """Only closed_doors.nbgrader imports nbgrader."""
    for module, path in modules():
        text = path.read_text(encoding="utf-8")
        if "import nbgrader" in text or "from nbgrader" in text:
            assert module.startswith("closed_doors.nbgrader"), module
