"""What a sandbox sees of the files: the interpreter and libraries, read-only, and a home of its own."""

import errno
import os
import site
import sys
from dataclasses import dataclass
from pathlib import Path

from closed_doors.grading.sandbox.libc_calls import (
    MS_BIND,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    MS_REMOUNT,
    mount,
    pivot_root,
)
from closed_doors.grading.sandbox.limits import Limits

HOME = "/home/etudiant"
USER = "etudiant"
LIBRARY_LINKS = ("bin", "lib", "lib32", "lib64", "sbin")
DEVICES = ("null", "zero", "full", "random", "urandom")
_SAFE = MS_NOSUID | MS_NODEV


@dataclass(frozen=True, slots=True)
class Room:
    """The files that a sandbox sees besides its own.

    Attributes:
        read_only: folders seen at their own path.
        hidden: folders inside of these of which nothing is seen.
        packages: folders seen in the home, read-only as they are.
        materials: a folder whose files are seen in the home, each read-only; their folders can be written to.
    """

    read_only: tuple[Path, ...]
    hidden: tuple[Path, ...] = ()
    packages: tuple[Path, ...] = ()
    materials: Path | None = None


def interpreter_folders() -> tuple[Path, ...]:
    """Return the folders that a Python of this environment reads."""
    wanted = [Path("/usr"), Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent]
    wanted += [Path(path) for path in site.getsitepackages()]
    wanted += [Path("/etc/fonts"), Path("/etc/alternatives"), Path("/etc/ssl")]
    folders: list[Path] = []
    for path in sorted({path.resolve() for path in wanted if os.access(path, os.X_OK)} | {Path(sys.prefix)}):
        if path != Path("/") and not any(path.is_relative_to(folder) for folder in folders):
            folders.append(path)
    return tuple(folders)


def build(mountpoint: Path, room: Room, limits: Limits) -> None:
    """Make the view and enter it; the calling process must be alone in its mount namespace, as its root user.

    Raises:
        OSError: a folder of the room is missing, or the kernel refuses a mount.
    """
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    mount("tmpfs", str(mountpoint), "tmpfs", _SAFE, "size=1m,mode=755")
    for name in LIBRARY_LINKS:
        if Path("/", name).is_symlink():
            (mountpoint / name).symlink_to(Path("/", name).readlink())
        elif Path("/", name).is_dir():
            _bind(Path("/", name), mountpoint / name)
    _devices(mountpoint / "dev")
    for name in ("tmp", "dev/shm", HOME[1:]):
        private = mountpoint / name
        private.mkdir(parents=True, exist_ok=True)
        flags = _SAFE | (MS_NOEXEC if name == "dev/shm" else 0)
        mount("tmpfs", str(private), "tmpfs", flags, f"size={limits.disk_mib}m,nr_inodes=8192,mode=1777")
    for folder in room.read_only:  # last: an environment may lie under /tmp or /home
        _bind(folder, mountpoint / folder.relative_to("/"))
    (mountpoint / "etc").mkdir(exist_ok=True)
    (mountpoint / "etc/passwd").write_text(f"{USER}:x:{os.getuid()}:{os.getgid()}::{HOME}:/bin/sh\n", encoding="utf-8")
    for folder in room.hidden:
        if (mountpoint / folder.relative_to("/")).is_dir():
            mount("tmpfs", str(mountpoint / folder.relative_to("/")), "tmpfs", _SAFE | MS_RDONLY, "size=4k,mode=755")
    for package in room.packages:
        _bind(package, mountpoint / HOME[1:] / package.name)
    if room.materials is not None:
        _lay_out(room.materials, mountpoint / HOME[1:])
    own_processes(mountpoint / "proc")
    pivot_root(str(mountpoint))
    mount(None, "/", None, MS_REMOUNT | MS_BIND | MS_RDONLY | _SAFE)
    os.chdir(HOME)


def _bind(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    mount(str(source), str(target), None, MS_BIND)
    mount(None, str(target), None, MS_BIND | MS_REMOUNT | MS_RDONLY | _SAFE)


def _lay_out(materials: Path, home: Path) -> None:
    for path in sorted(materials.rglob("*")):
        target = home / path.relative_to(materials)
        if path.is_dir():
            target.mkdir()
            target.chmod(0o777)
        else:
            target.touch()
            mount(str(path), str(target), None, MS_BIND)
            mount(None, str(target), None, MS_BIND | MS_REMOUNT | MS_RDONLY | _SAFE)


def own_processes(folder: Path) -> None:
    """Show the sandbox's processes and nothing of the machine's state, which others change."""
    folder.mkdir()
    try:
        mount("proc", str(folder), "proc", _SAFE | MS_NOEXEC, "subset=pid")
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        mount("proc", str(folder), "proc", _SAFE | MS_NOEXEC)  # before Linux 5.8


def _devices(folder: Path) -> None:
    folder.mkdir()
    for name in DEVICES:
        (folder / name).touch()
        mount(f"/dev/{name}", str(folder / name), None, MS_BIND)
    (folder / "fd").symlink_to("/proc/self/fd")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        (folder / name).symlink_to(f"/proc/self/fd/{number}")
