"""The dashboard's figures, drawn by seaborn, each with a text that says what it shows.

They are SVG pictures in the page itself. What is drawn in INK becomes the page's own colour of text, light or dark.
"""

import base64
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from closed_doors.core.wording import Wording
from closed_doors.pages.analysis.item_statistics import Spread
from closed_doors.pages.dashboard.words_and_thresholds import FigureWording

if TYPE_CHECKING:  # loaded where something is drawn
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure as Canvas

INK = "#010203"  # a colour that no palette has
_STYLE = "<style>svg{color:#1b2430}@media(prefers-color-scheme:dark){svg{color:#e9edf2}}</style>"
_SETTINGS: dict[Any, object] = {
    **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color", "axes.edgecolor"), INK),
    **dict.fromkeys(("figure.facecolor", "axes.facecolor", "legend.facecolor"), "none"),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.labelsize": 11,
    "axes.formatter.use_locale": False,
    "svg.hashsalt": "dashboard",  # the same figure is the same bytes
}
_TIGHT: dict[str, float] = {"handlelength": 1.0, "handletextpad": 0.4, "columnspacing": 0.9}
_BLUE, _ORANGE, _GREY = "#0173b2", "#de8f05", "#949494"  # of seaborn's colour-blind palette


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure for a page.

    Attributes:
        source: a data: address.
        alt: what it shows, with its numbers.
    """

    source: str
    alt: str


def marks_figure(marks: Sequence[float], out_of: float, summary: Spread, said: FigureWording) -> Figure:
    """Draw how marks are spread, with the median."""
    import numpy as np
    import seaborn as sns

    words, number = said.words, said.words.number
    edges = _edges(out_of)
    with _figure() as (figure, ax):
        sns.histplot(x=list(marks), bins=edges, color=_BLUE, edgecolor="none", alpha=0.85, ax=ax)
        ax.axvline(summary.median, color=_ORANGE, linewidth=2)
        left = summary.median > 0.75 * out_of
        ax.annotate(
            words.say("figure.median", median=number(summary.median)),
            (summary.median, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-6 if left else 6, -4),
            textcoords="offset points",
            ha="right" if left else "left",
            va="top",
        )
        ax.set(
            xlabel=words.say("figure.mark_out_of", out_of=number(out_of)),
            ylabel=words.say("figure.students"),
            xlim=(0, out_of or 1),
        )
        _whole_numbers(ax.yaxis)
        _marked(ax.xaxis, said.words)
        source = _source(figure)
    counts, _ = np.histogram(list(marks), bins=edges)
    most = int(counts.argmax())
    alt = words.say(
        "figure.marks",
        marks=words.say("figure.count_marks", count=summary.count),
        out_of=number(out_of),
        median=number(summary.median),
        mean=number(summary.mean),
        low=number(summary.quartiles[0]),
        high=number(summary.quartiles[1]),
        least=number(summary.least),
        most=number(summary.most),
        from_=number(edges[most]),
        to=number(edges[most + 1]),
        students=words.say("figure.count_students", count=int(counts[most])),
    )
    return Figure(source, alt)


def exercises_figure(rows: Sequence[tuple[str, int, int, int]], said: FigureWording) -> Figure:
    """Draw each exercise's results as shares of the class.

    Args:
        rows: short title, and how many have all points, some, none.
        said: what the figure is written in.
    """
    import pandas as pd

    words = said.words

    shares = pd.DataFrame(
        [[100 * count / max(sum(counts), 1) for count in counts] for _, *counts in rows],
        index=[title for title, *_ in rows],
        columns=[words.say(f"figure.{which}_points") for which in ("all", "some", "no")],
    )
    with _figure(height=1.1 + 0.42 * len(rows)) as (figure, ax):
        left = pd.Series(0.0, index=shares.index)
        for name, colour, hatch in zip(shares.columns, (_BLUE, "#8fc1e3", _ORANGE), ("", "", "//"), strict=True):
            # A hatch besides the colour, for who does not tell them apart.
            ax.barh(shares.index, shares[name], left=left, color=colour, label=name, hatch=hatch, edgecolor="#ffffff80")
            left += shares[name]
        ax.invert_yaxis()
        ax.set(xlim=(0, 100), xlabel=words.say("figure.share_of_class"))
        ax.legend(loc="lower right", bbox_to_anchor=(1.02, 1), ncols=3, frameon=False, **_TIGHT)
        source = _source(figure)
    told = [
        words.say(
            "figure.exercise",
            title=title,
            all=said.share(every / max(every + some + none, 1)),
            none=said.share(none / max(every + some + none, 1)),
        )
        for title, every, some, none in rows
    ]
    return Figure(source, words.say("figure.exercises", rows=words.say("figure.rows").join(told)))


def criteria_figure(points: Sequence[tuple[str, float, float, bool]], said: FigureWording) -> Figure | None:
    """Draw criteria by difficulty and discrimination; nothing where no discrimination can be computed.

    Args:
        points: number, success, discrimination, and whether the criterion is hidden.
        said: what the figure is written in.
    """
    if not points:
        return None
    import pandas as pd
    import seaborn as sns

    words = said.words
    kinds = {hidden: words.say(f"dashboard.{'hidden' if hidden else 'visible'}") for hidden in (True, False)}
    kind = words.say("dashboard.criterion").lower()  # the legend's title
    table = pd.DataFrame(points, columns=["name", "success", "discrimination", "hidden"])
    table["success"] *= 100
    table[kind] = table.pop("hidden").map(kinds)
    with _figure(height=3.4) as (figure, ax):
        ax.axhspan(-1, 0.2, color=_ORANGE, alpha=0.13, linewidth=0)
        sns.scatterplot(
            table,
            x="success",
            y="discrimination",
            style=kind,
            hue=kind,
            palette={kinds[False]: _BLUE, kinds[True]: _ORANGE},
            markers={kinds[False]: "o", kinds[True]: "X"},
            s=60,
            ax=ax,
        )
        for row in table.nsmallest(4, "discrimination").itertuples(index=False):
            ax.annotate(row.name, (row.success, row.discrimination), xytext=(6, -3), textcoords="offset points")
        lowest = min(-0.05, float(table["discrimination"].min()) - 0.08)
        ax.set(xlim=(-3, 103), ylim=(lowest, 1.03))
        ax.set(xlabel=words.say("figure.success"), ylabel=words.say("figure.discrimination"))
        ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(-0.02, 1), ncols=2, handletextpad=0.2)
        _marked(ax.yaxis, said.words)
        source = _source(figure)
    weak = [
        f"{row.name} ({said.decimal(row.discrimination)})" for row in table.itertuples() if row.discrimination < 0.2
    ]
    alt = words.say(
        "figure.criteria",
        criteria=words.say("figure.count_criteria", count=len(table)),
        least=words.number(round(table["success"].min())),
        most=words.number(round(table["success"].max())),
        low=said.decimal(table["discrimination"].min()),
        high=said.decimal(table["discrimination"].max()),
        weak=words.say("figure.weak", names=", ".join(weak)) if weak else words.say("figure.none_weak"),
    )
    return Figure(source, alt)


def arrivals_figure(hours_before: Sequence[float], said: FigureWording) -> Figure | None:
    """Draw when work arrived, in hours before the deadline (negative after); nothing for an empty class."""
    if not hours_before:
        return None
    import numpy as np
    import seaborn as sns

    words = said.words
    days = -np.asarray(hours_before) / 24
    low, high = float(np.floor(days.min())), max(0.5, float(np.ceil(days.max() * 2) / 2))
    edges = np.arange(low, high + 1e-9, (high - low) / 24 if high - low > 12 else 0.5)
    with _figure() as (figure, ax):
        sns.histplot(x=days[days <= 0], bins=edges, color=_BLUE, edgecolor="none", alpha=0.85, ax=ax)
        sns.histplot(x=days[days > 0], bins=edges, color=_ORANGE, edgecolor="none", hatch="//", alpha=0.85, ax=ax)
        ax.axvline(0, color=INK, linewidth=1.5)
        ax.set(xlabel=words.say("figure.days"), ylabel=words.say("figure.students"))
        _whole_numbers(ax.yaxis)
        _marked(ax.xaxis, said.words)
        source = _source(figure)
    late, last = int((days > 0).sum()), int(((days > -1) & (days <= 0)).sum())
    alt = words.say(
        "figure.arrivals",
        works=words.say("figure.count_works", count=len(days)),
        last=words.say("figure.count_arrived", count=last),
        late=late,
    )
    return Figure(source, alt)


@contextmanager
def _figure(height: float = 3.0) -> Iterator["tuple[Canvas, Axes]"]:
    import matplotlib as mpl
    from matplotlib.figure import Figure as Drawing

    with mpl.rc_context(_SETTINGS):
        figure = Drawing(figsize=(5.2, height), layout="constrained")
        yield figure, figure.subplots()


def _source(figure: "Canvas") -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    head, _, body = svg.partition(">")
    data = base64.b64encode(f"{head}>{_STYLE}{body}".encode()).decode()
    return f"data:image/svg+xml;base64,{data}"


def _edges(out_of: float) -> list[float]:
    """Return bounds of about twenty intervals of a round width, the last one closed at the top."""
    width = next((w for w in (0.25, 0.5, 1, 2, 5, 10, 20, 50) if out_of / w <= 20), max(out_of / 20, 1))
    count = max(1, round(out_of / width + 0.49))
    return [width * number for number in range(count)] + [max(out_of, width * count)]


def _whole_numbers(axis: "Axis") -> None:
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 2.5, 5, 10], integer=True))


def _marked(axis: "Axis", words: Wording) -> None:
    """Write an axis's numbers with the language's decimal mark."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value).replace("-", "−")))
