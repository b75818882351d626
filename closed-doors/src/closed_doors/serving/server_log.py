"""What a grading server says of itself, a JSON object a line: events, jobs and times, and nobody's name.

Texts of errors may name students and files, so they are not in it: `course serve --status` shows them to the staff.
"""

import json
import sys
import threading
from datetime import UTC, datetime
from typing import TextIO

Fact = str | int | float | bool


class ServerLog:
    """Writes events.

    Args:
        stream: where to; standard error by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._lock = threading.Lock()

    def say(self, event: str, level: str = "info", **facts: Fact) -> None:
        """Write one event with its facts."""
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": moment, "level": level, "event": event, **facts}, ensure_ascii=False)
        with self._lock:
            print(line, file=self._stream, flush=True)
