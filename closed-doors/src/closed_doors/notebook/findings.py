"""What a person is told of a submission that is not as it was handed out: one code a kind, one sentence a kind."""

from collections.abc import Iterable
from dataclasses import dataclass

MOST_NAMES = 6
SENTENCES = {
    "recognised": "Sans les métadonnées de nbgrader, des cellules ont été reconnues à leur texte et à leur place"
    "\u00a0: {}.",
    "missing": "Des cellules manquaient dans le travail rendu\u00a0: {}.",
    "duplicated": "Des cellules étaient là plusieurs fois, et toutes leurs copies sont gardées à leur place\u00a0: {}.",
    "unknown": "Des cellules ne sont pas de ce notebook, et sont traitées comme des cellules ajoutées\u00a0: {}.",
    "beside": "Des réponses sont restées telles quelles alors qu'un texte se trouve juste à côté, dans une cellule "
    "ajoutée, à lire et à noter\u00a0: {}.",
    "added": "Ce qui a été écrit dans des cellules du cours est repris dans une cellule en dessous\u00a0: {}.",
    "overwritten": "Ce qui a été changé dans des cellules du cours ne compte pas, et ne se lit que dans submitted/"
    "\u00a0: {}.",
    "picture": "Une image a été rendue et n'est pas montrée\u00a0: ouvrez le notebook dans submitted/ ({}).",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a submission lacks, has too much of, or shows in another form.

    Attributes:
        what: a code of `SENTENCES`.
        grade_id: the cell that it is about; of a picture, its name.
    """

    what: str
    grade_id: str


def said(findings: Iterable[Finding]) -> list[str]:
    """Return findings as French sentences, one a kind, each naming the first cells that it is about."""
    by_kind: dict[str, list[str]] = {}
    for finding in findings:
        names = by_kind.setdefault(finding.what, [])
        if finding.grade_id not in names:
            names.append(finding.grade_id)
    return [SENTENCES[what].format(_listed(by_kind[what])) for what in SENTENCES if what in by_kind]


def _listed(names: list[str]) -> str:
    shown = [f"«\u00a0{name}\u00a0»" for name in names[:MOST_NAMES]]
    more = len(names) - len(shown)
    if more:
        shown.append(f"{more} autre{'s' if more > 1 else ''}")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} et {shown[-1]}"
