"""What students read of an autograded notebook: nothing hidden."""

from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor

REGIONS = ("HIDDEN TESTS", "MARK SCHEME")
HIDDEN = "# D'autres vérifications se trouvent ici ; leur code n'est pas montré."


class HideTests(NbGraderPreprocessor):  # type: ignore[misc]
    """Take hidden tests and mark schemes out of the instructor's cells before they become a feedback page."""

    def preprocess_cell(self, cell: Any, resources: dict[str, Any], index: int) -> tuple[Any, dict[str, Any]]:  # noqa: ARG002
        """Return the cell without its hidden regions; nbconvert calls it for every cell."""
        if cell.metadata.get("nbgrader", {}).get("locked"):
            cell.source = without_hidden_regions(cell.source)
        return cell, resources


def without_hidden_regions(source: str) -> str:
    """Return a cell's source with a line in place of each hidden region; one left open hides the rest."""
    lines: list[str] = []
    inside = False
    for line in source.split("\n"):
        if not inside and any(f"BEGIN {region}" in line for region in REGIONS):
            inside = True
            lines.append(HIDDEN if "#" in line else "")
        elif inside and any(f"END {region}" in line for region in REGIONS):
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines)
