"""Mark schemes are read as their authors write them."""

import pytest

from closed_doors.notebook.mark_scheme import read_scheme, split_scheme


@pytest.mark.parametrize(
    ("line", "label", "points", "halves"),
    [
        ("- **1 point**, entropie : elle croît. Un demi-point si la borne manque.", "entropie", 1, True),
        ("- **0,5 point** : la borne", "la borne", 0.5, False),
        ("* Half a point, the bound: $\\ln n$", "the bound", 0.5, False),
        ("1. 2 points – démonstration : complète", "démonstration", 2, False),
        ("- La borne est citée (0.5 pt)", "La borne est citée", 0.5, False),
        ("- ½ point pour l'exemple", "pour l'exemple", 0.5, False),
        ("- −0,5 point, faute de signe : le moins manque", "faute de signe", -0.5, False),
    ],
)
def test_an_item_begins_or_ends_with_its_points(line: str, label: str, points: float, halves: bool) -> None:
    """Bold or not, with a comma or a full stop, in French or English, before the text or behind it in brackets."""
    (item,) = read_scheme(line).items
    assert (item.label, item.points, item.halves) == (label, points, halves)


def test_a_list_without_points_and_prose_are_remarks() -> None:
    """Nothing is guessed: what names no points gives none, and the scheme's own title is left out."""
    scheme = read_scheme("**Barème**\n\n3 points : tout ou rien.\n\n- soyez justes\n- 3 pommes")
    assert scheme.items == ()
    assert scheme.remarks == "3 points : tout ou rien.\n\n- soyez justes\n- 3 pommes"


def test_an_item_goes_on_below_and_keys_are_apart() -> None:
    """Indented lines belong to their item; two items of one label have two keys, which stay when points change."""
    first = read_scheme("- 1 point, a : x\n  y\n- 1 point, a : z\nfin")
    again = read_scheme("- 2 points, a : x\n- 1 point, a : z")
    assert [item.text for item in first.items] == ["a : x y", "a : z"]
    assert [item.key for item in first.items] == [item.key for item in again.items] == ["a", "a-"]
    assert first.remarks == "fin"


def test_the_scheme_is_cut_out_of_the_statement() -> None:
    """What students read stays, without the markers."""
    text = "Pourquoi ?\n<!-- BEGIN MARK SCHEME -->\n- 1 point, a\n<!-- END MARK SCHEME -->\nEn dix lignes."
    assert split_scheme(text) == ("Pourquoi ?\nEn dix lignes.", "- 1 point, a")
