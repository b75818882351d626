"""What the contracts of `lint-imports` (pyproject.toml) can't say of who may know whom."""

import grimp
import pytest

PACKAGES = ("attention", "checks", "closed_doors")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def test_nobody_imports_a_packages_own_init(graph: grimp.ImportGraph) -> None:
    """Modules of ours import each other by their own names, never what a package's __init__ gathers for others."""
    packages = {module for module in graph.modules if graph.find_children(module)}
    assert {"checks", "closed_doors.grading.processes"} <= packages
    found = {(other, package) for package in packages for other in graph.find_modules_that_directly_import(package)}
    assert not {(other, package) for other, package in found if other != package}
