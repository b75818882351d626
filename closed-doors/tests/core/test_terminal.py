"""Names that anybody may have written do nothing to a terminal."""

from closed_doors.core.terminal import plain_line, plain_text

NASTY = "a\x1b[31mb\x9b2Jc\x07d\re\u202ef\ud800g"


def test_nothing_that_a_terminal_obeys_is_left() -> None:
    """Escape sequences, bells, returns, marks of direction and halves of characters are shown as what they are."""
    assert plain_text(NASTY) == "a\ufffd[31mb\ufffd2Jc\ufffdd\ufffde\ufffdf\ufffdg"


def test_lines_and_accents_stay() -> None:
    """An error of several lines keeps them."""
    assert plain_text("é\tà\n« œ »\r\nfin") == "é\tà\n« œ »\nfin"


def test_a_line_is_one_line_and_has_an_end() -> None:
    """A name that holds ends of lines can't forge a line of its own."""
    assert plain_line("a\nEleve: 20/20", 9) == "a Eleve:…"
