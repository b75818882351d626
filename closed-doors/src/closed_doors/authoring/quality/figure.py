"""The figure of `course quality`: for each exercise, how many wrong answers each criterion catches."""

from collections.abc import Sequence
from pathlib import Path

from closed_doors.authoring.quality.criteria_matrix import ExerciseMatrix
from closed_doors.core.errors import QualityError
from closed_doors.core.wording import Wording

ROW_IN, HEAD_IN = 0.26, 0.75  # height of a criterion's bar, and of an exercise's title and margins
WIDTH_IN, DPI = 9.0, 110
METADATA = {".png": "Description", ".svg": "Description", ".pdf": "Subject"}  # where a format keeps what it shows


def require_format(path: Path) -> None:
    """Refuse a file name that no figure can have, before anything is graded.

    Raises:
        QualityError: its suffix is none of those known.
    """
    if path.suffix.lower() not in METADATA:
        raise QualityError(f"A figure is a {', '.join(METADATA)} file; {path.name!r} is none. Name another --figure.")


def draw_matrices(assignment: str, matrices: Sequence[ExerciseMatrix], path: Path, words: Wording) -> str:
    """Write the figure as a file, its description inside, and return that description.

    Args:
        assignment: its name.
        matrices: one panel each; exercises without answers have none.
        path: where to; its suffix names the format (png, svg, pdf).
        words: what it says.
    """
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt
    import seaborn as sns

    panels = [matrix for matrix in matrices if matrix.outcomes]
    heights = [HEAD_IN + ROW_IN * len(matrix.tallies) for matrix in panels]
    description = _described(assignment, panels, words)
    alone_color, shared_color = sns.color_palette("colorblind")[:2]
    with sns.axes_style("whitegrid"):
        figure, rows = plt.subplots(
            len(panels),
            1,
            figsize=(WIDTH_IN, sum(heights) + 0.8),
            height_ratios=heights,
            squeeze=False,
            layout="constrained",
        )
    for ax, matrix in zip(rows[:, 0], panels, strict=True):
        names = [tally.criterion.name.removeprefix("test_") for tally in matrix.tallies]
        alone = [tally.alone for tally in matrix.tallies]
        shared = [tally.caught - tally.alone for tally in matrix.tallies]
        ax.barh(names, alone, color=alone_color, label=words.say("quality.alone"))
        ax.barh(
            names,
            shared,
            left=alone,
            color=shared_color,
            hatch="///",
            edgecolor="white",
            label=words.say("quality.with_others"),
        )
        for row, tally in enumerate(matrix.tallies):
            if not tally.caught:
                said = words.say("quality.catches_nothing")
                ax.annotate(said, (0, row), (4, 0), textcoords="offset points", va="center", fontsize=8)
        ax.set_title(words.say("quality.exercise", **_shares(matrix)), loc="left", fontsize=10)
        ax.invert_yaxis()
        ax.tick_params(axis="y", labelsize=8)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(visible=False, axis="y")
        sns.despine(ax=ax, left=True)
    rows[-1, 0].set_xlabel(words.say("quality.axis"))
    figure.legend(*rows[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=9)
    figure.suptitle(words.say("quality.title", assignment=assignment), fontsize=12)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=DPI, metadata={METADATA[path.suffix.lower()]: description})
    plt.close(figure)
    return description


def _shares(matrix: ExerciseMatrix) -> dict[str, str | int]:
    (accepted, right), (rejected, wrong) = matrix.share(True), matrix.share(False)
    return {
        "exercise": matrix.exercise,
        "accepted": accepted,
        "right": right,
        "rejected": rejected,
        "wrong": wrong,
        "deciding": sum(tally.alone > 0 for tally in matrix.tallies),
        "criteria": len(matrix.tallies),
    }


def _described(assignment: str, matrices: Sequence[ExerciseMatrix], words: Wording) -> str:
    parts = (words.say("quality.described_exercise", **_shares(matrix)) for matrix in matrices)
    return words.say("quality.described", assignment=assignment, exercises=words.say("figure.rows").join(parts))
