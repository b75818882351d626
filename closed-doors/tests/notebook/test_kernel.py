"""A notebook for another kernel than Python's is refused by name, before anything runs."""

import pytest

from closed_doors.core.errors import MasterError
from closed_doors.notebook.kernel import language_of, require_python

LANGUAGES = [
    ({"kernelspec": {"name": "ir", "language": "R"}}, "r"),
    ({"kernelspec": {"name": "ir"}}, "r"),
    ({"kernelspec": {"name": "julia-1.10", "display_name": "Julia"}}, "julia"),
    ({"language_info": {"name": "julia"}}, "julia"),
    ({"kernelspec": {"name": "python3"}}, "python"),
    ({"kernelspec": {"name": "conda-env-x-py", "language": "python"}}, "python"),
    ({"kernelspec": {"name": "xpython"}}, "python"),
    ({}, ""),
]


@pytest.mark.parametrize(("metadata", "language"), LANGUAGES)
def test_the_language_is_what_the_metadata_say(metadata: dict[str, object], language: str) -> None:
    """By the kernel's language first, then by its name."""
    assert language_of({"metadata": metadata, "cells": []}) == language


def test_another_language_is_refused() -> None:
    """The message names the notebook and the language."""
    with pytest.raises(MasterError, match=r"ps1\.ipynb.*kernel of r"):
        require_python({"metadata": {"kernelspec": {"name": "ir"}}, "cells": []}, "ps1.ipynb")
    require_python({"metadata": {}, "cells": []}, "ps1.ipynb")
