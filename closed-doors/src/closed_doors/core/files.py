"""Files that are either as they were or wholly new, whenever the program is killed."""

from pathlib import Path


def replace(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file in one step.

    Args:
        path: the file; its folder is made where it is missing.
        data: its new content.
        mode: its rights.

    Raises:
        OSError: the disk is full or the folder can't be written to; the old file is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.part")  # one name, so that what a killed program left is overwritten
    try:
        fresh.unlink(missing_ok=True)
        fresh.write_bytes(data)
        fresh.chmod(mode)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
