"""Takes the saved outputs out of a notebook file before it is parsed, piece by piece.

A notebook may hold figures of many megabytes that grading does not read. What is kept, and how much is looked at, is
bounded; the file is never in memory whole.
"""

import re
from collections.abc import Iterable

CELLS, OUTPUTS = b'"cells"', b'"outputs"'
MOST_TOKENS = 3_000_000  # strings, brackets and colons of the whole file
LONGEST_KEY = 200
CELL_DEPTH = 3  # the notebook, its list of cells, a cell
_NEXT = re.compile(rb'["\[\]{}:]')
_STRING = re.compile(rb'(?:[^"\\]|\\.)*+', re.DOTALL)  # never backtracks, whatever the text


class TooLargeError(Exception):
    """What is left of a file is still too large.

    Args:
        code: in what way, as the wording has it under `submission`.
        most: how much there may be.
    """

    def __init__(self, code: str, most: int) -> None:
        super().__init__(code)
        self.code = code
        self.most = most


def without_outputs(pieces: Iterable[bytes], most: int) -> bytes:
    """Return a notebook with an empty list in place of each cell's outputs.

    What is no JSON comes out as it is, for the parser to refuse. Brackets, keys and strings are all that is looked at.

    Args:
        pieces: the file's bytes.
        most: how many bytes may be left.

    Raises:
        TooLargeError: more is left, or the file holds too many pieces to look at.
    """
    cutter = _Cutter(most)
    for piece in pieces:
        cutter.feed(piece)
    return cutter.done()


class _Cutter:
    def __init__(self, most: int) -> None:
        self._most = most
        self._kept = bytearray()
        self._carried = b""  # an escape that a piece ended in
        self._in_string = False
        self._key = b""  # the last string, while it is short
        self._depth = 0
        self._is_in_cells = False
        self._is_value_of_outputs = False
        self._skipping = 0  # the depth at which skipping ends; 0 where nothing is skipped
        self._tokens = 0

    def feed(self, piece: bytes) -> None:
        """Read on."""
        data, at = self._carried + piece, 0
        self._carried = b""
        while at < len(data):
            at = self._string(data, at) if self._in_string else self._between(data, at)
        if self._tokens > MOST_TOKENS:
            raise TooLargeError("too_many_values", MOST_TOKENS)

    def done(self) -> bytes:
        """Return what is kept."""
        self._keep(self._carried)
        return bytes(self._kept)

    def _string(self, data: bytes, at: int) -> int:
        found = _STRING.match(data, at)
        end = found.end() if found else at
        if end < len(data) and data[end : end + 1] == b"\\":  # the other half of the escape is in the next piece
            self._carried = data[end:]
            self._take(data[at:end])
            return len(data)
        closes = end < len(data)
        stop = end + 1 if closes else end
        self._take(data[at:stop])
        self._in_string = not closes
        return stop

    def _between(self, data: bytes, at: int) -> int:
        found = _NEXT.search(data, at)
        if found is None:
            self._keep(data[at:])
            return len(data)
        self._keep(data[at : found.start()])
        self._token(data[found.start() : found.end()])
        return found.end()

    def _token(self, token: bytes) -> None:
        self._tokens += 1
        is_value_of_outputs, self._is_value_of_outputs = self._is_value_of_outputs, False
        if token == b'"':
            self._in_string, self._key = True, b""
            self._take(token)
            return
        if token in b"[{":
            self._open(token, is_value_of_outputs)
        elif token in b"]}":
            self._close(token)
        else:
            if self._depth == 1:
                self._is_in_cells = self._key == CELLS
            self._is_value_of_outputs = self._is_in_cells and self._depth == CELL_DEPTH and self._key == OUTPUTS
            self._keep(token)

    def _open(self, token: bytes, is_value_of_outputs: bool) -> None:
        self._depth += 1
        if is_value_of_outputs and token == b"[" and not self._skipping:
            self._kept += b"[]"
            self._skipping = self._depth
        self._keep(token)

    def _close(self, token: bytes) -> None:
        ends = self._skipping == self._depth
        self._keep(token)
        self._depth -= 1
        if ends:
            self._skipping = 0

    def _take(self, text: bytes) -> None:
        if len(self._key) < LONGEST_KEY:
            self._key += text
        self._keep(text)

    def _keep(self, text: bytes) -> None:
        if self._skipping or not text:
            return
        self._kept += text
        if len(self._kept) > self._most:
            raise TooLargeError("too_large_without_outputs", self._most >> 20)
