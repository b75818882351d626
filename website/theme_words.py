"""The theme's own words in French: it has no French catalogue, and some of them stand in its templates as they are."""

from pathlib import Path

FRENCH = {
    ">Next<": ">Page suivante<",
    ">Previous<": ">Page précédente<",
    ">Home<": ">Accueil<",
    ">Skip to content<": ">Aller au texte<",
    ">Back to top<": ">Haut de la page<",
    ">Contents<": ">Sommaire<",
    ">Menu<": ">Menu du site<",
    ">Expand<": ">Déplier<",
    ">Light mode<": ">Thème clair<",
    ">Dark mode<": ">Thème sombre<",
    ">Auto light/dark, in light mode<": ">Thème automatique, clair pour l'instant<",
    ">Auto light/dark, in dark mode<": ">Thème automatique, sombre pour l'instant<",
    " On this page\n": " Sur cette page\n",
    '"Toggle Light / Dark / Auto color theme"': '"Thème clair, sombre ou automatique"',
    '"Toggle site navigation sidebar"': '"Montrer ou cacher les pages du site"',
    '"Toggle table of contents sidebar"': '"Montrer ou cacher le sommaire de la page"',
    "Please activate JavaScript to enable the search functionality.": "La recherche a besoin de JavaScript.",
    "Made with <a": "Fait avec <a",
    '</a> and <a class="muted-link" href="https://pradyunsg.me">@pradyunsg</a>\'s': "</a> et",
}


def in_french(html: Path) -> None:
    """Write the theme's words anew on every page of a built site."""
    for page in html.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for english, french in FRENCH.items():
            text = text.replace(english, french)
        page.write_text(text, encoding="utf-8")
