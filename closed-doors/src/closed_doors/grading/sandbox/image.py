"""The image: a file system in memory that warm processes and all their sandboxes live in, and nothing else does.

Sandboxes that read the same files on a disk can tell each other things: what one has read comes faster to the next, for
as long as the kernel keeps it, and a name that one has looked for in vain is known to be absent. So the files that a
notebook may read are copied, once a warm process, into a file system that has no such state. Its pages and names are
in memory from the start and only there; they are neither written to a disk nor thrown away, whatever the machine is
short of. A name that is not there is looked for anew each time. It keeps no times of reading, and is sealed before
anything of a student runs. The warm process runs on it too, so that the pages of libraries that every sandbox has from
it are of the same kind. Warm processes that run at the same time share one.

Its paths are those of a Python in /usr/local, on any machine. It is mounted in a mount namespace of the warm process's
own: when that and its sandboxes have ended, however they did, the kernel takes it back. The machine's own files are
seen below HOST, by the warm process; a sandbox's view (see `rootfs`) leaves them out.
"""

import importlib
import os
import shutil
import struct
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from closed_doors.grading.sandbox import image_exclusions
from closed_doors.grading.sandbox.image_exclusions import Contents
from closed_doors.grading.sandbox.kept_image_list import contents, fingerprint
from closed_doors.grading.sandbox.libc_calls import (
    MS_BIND,
    MS_NOATIME,
    MS_NODEV,
    MS_NOSUID,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    MS_REMOUNT,
    NEWNS,
    NEWUSER,
    die_with,
    join,
    map_user,
    mount,
    pivot_root_onto,
    unshare,
)
from closed_doors.grading.sandbox.privileges import is_root
from closed_doors.grading.sandbox.rootfs import LIBRARY_LINKS

HOST = "/host"
MOUNTPOINT = "/mnt"  # where each sandbox makes its root, in a namespace of its own
HELD = "/run/held"  # what is copied later: the files of assignments
GRADER = "/opt"  # the warm process's own modules, which it alone can read
PREFIX = "/usr/local"
PYTHON = f"{PREFIX}/bin/python3"
LEAST_FREE_MIB = 1536
_LARGE = 1 << 16  # bytes: of smaller files nothing is worth leaving out
_ELF_64 = b"\x7fELF\x02\x01"  # of 64 bits, the lower byte first: what every machine with wheels of these libraries has
_ELF_HEAD = struct.Struct("<32xQ14xHH6x")  # where the table of segments begins, the length of an entry, their number
_ELF_SEGMENT = struct.Struct("<L4xQ16xQ")  # kind, where it begins in the file, and its length there
_PT_LOAD = 1
_FLAGS = MS_NOSUID | MS_NODEV | MS_NOATIME


def enter(kept: Path) -> int:
    """Make the calling process's image and move into it; it has one thread, and should start PYTHON at once.

    Args:
        kept: a folder in which the list of what is copied is kept between runs.

    Returns:
        The process number of a child that copies what is not needed at once: see `complete`; 0 where all is there, as
        another warm process of the same user's has an image already, which both then share.

    Raises:
        OSError: this machine does not let us make one.
        MemoryError: there is no room for it.
    """
    grader = Path(__file__).resolve().parents[2]
    mark = f"/run/image-{fingerprint()}"
    if _joined(mark):
        mount(f"{HOST}{grader}", f"{GRADER}/{grader.name}", None, MS_BIND)
        return 0
    _need_memory()
    found = contents(kept)
    _move_in(f"{GRADER}/{grader.name}")
    Path(mark).touch()
    mount(f"{HOST}{grader}", f"{GRADER}/{grader.name}", None, MS_BIND)
    others_done, _done = os.pipe()  # its other end is closed when the calling process starts another program
    rest = _rest(found, others_done)
    os.close(others_done)
    copy(found.early)
    library = image_exclusions.library_folder()
    _rename_home(library)
    (library / "dist-packages").symlink_to("site-packages")  # where Debian's own Python looks
    return rest


def leave() -> None:
    """Go back to the machine's own files, as far as the calling process has left them."""
    if Path(HOST, "proc").is_dir():
        os.chroot(HOST)
        os.chdir("/")


def complete(rest: int) -> None:
    """Wait until all is copied and the image is sealed.

    Args:
        rest: from `enter`, of which the calling process was the caller.

    Raises:
        OSError: something could not be copied.
    """
    if rest and os.waitpid(rest, 0)[1] != 0:
        raise OSError("the libraries could not be copied into memory")
    importlib.invalidate_caches()


def held(folder: str) -> Path:
    """Return a copy in memory of a folder of the machine's, made once; links in it are followed."""
    copied = Path(HELD, folder.strip("/").replace("/", "-"))
    if not copied.exists():
        unfinished = Path(tempfile.mkdtemp(dir=HELD))
        shutil.copytree(f"{HOST}{folder}", unfinished, dirs_exist_ok=True)
        unfinished.chmod(0o755)
        try:
            unfinished.rename(copied)
        except OSError:  # another process was faster
            shutil.rmtree(unfinished)
    return copied


def copy(pairs: Iterable[tuple[str, str]]) -> None:
    """Copy files and folders of the machine's to their places in the image."""
    for here, target in pairs:
        source = f"{HOST}{here}"
        if os.path.isdir(source):  # noqa: PTH112  (paths of many files: as text, for their number)
            _copy_folder(source, target)
        elif not os.path.lexists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
            _copy_file(source, target)


def _need_memory() -> None:
    for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("MemAvailable:") and int(line.split()[1]) < LEAST_FREE_MIB << 10:
            raise MemoryError(f"a sandbox's files are held in memory, and less than {LEAST_FREE_MIB} MiB are free")


def _joined(mark: str) -> bool:
    """Move to the image of another process of the same user's, where there is one that is complete."""
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and _is_complete(process, mark):
            kinds = (("mnt", NEWNS),) if is_root() else (("user", NEWUSER), ("mnt", NEWNS))
            handles = [(os.open(process / "ns" / name, os.O_RDONLY), kind) for name, kind in kinds]
            for handle, kind in handles:
                join(handle, kind)
                os.close(handle)
            unshare(NEWNS)
            os.umask(0o022)
            _mount_own()
            return True
    return False


def _is_complete(process: Path, mark: str) -> bool:
    try:
        root = process / "root"
        ours = process.stat().st_uid == os.geteuid() and (root / mark[1:]).exists()
        return ours and bool(os.statvfs(root).f_flag & os.ST_RDONLY)
    except OSError:  # it has just ended, or is somebody else's
        return False


def _mount_own() -> None:
    """Give the calling process the folders that it writes to."""
    mount("tmpfs", "/tmp", "tmpfs", _FLAGS, "mode=1777")  # noqa: S108  (a mount point)
    _mount_memory(Path(HELD))


def _move_in(grader: str) -> None:
    """Make a new and empty file system, which only the calling process sees, and let it be the root."""
    if is_root():
        unshare(NEWNS)
    else:
        uid, gid = os.getuid(), os.getgid()
        unshare(NEWUSER | NEWNS)
        map_user(uid, gid)
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    os.umask(0o022)
    root = Path(tempfile.gettempdir()).resolve()  # covered up for the time of the making, and here only
    _mount_memory(root)
    for name in ("/proc", "/dev", "/sys", "/tmp", "/run", "/home", HOST, MOUNTPOINT, HELD, grader):  # noqa: S108
        (root / name[1:]).mkdir(parents=True, exist_ok=True)
    for name in LIBRARY_LINKS:
        if Path("/", name).is_symlink():
            target = Path("/", name).readlink()
            (root / str(target).lstrip("/")).mkdir(parents=True, exist_ok=True)
            (root / name).symlink_to(target)
    pivot_root_onto(str(root), HOST)
    for name in ("/proc", "/dev", "/sys"):
        mount(f"{HOST}{name}", name, None, MS_BIND | MS_REC)
    _mount_own()


def _mount_memory(root: Path) -> None:
    """Mount a file system that nothing leaves: of tmpfs's kinds the fastest one that is never written to swap."""
    for kind, options in _kinds():
        try:
            mount(kind, str(root), kind, _FLAGS, options)
        except OSError:
            continue
        return
    raise OSError("no file system in memory can be mounted")


def _kinds() -> Iterator[tuple[str, str]]:
    huge = "mode=755,huge=within_size"  # pages of libraries in large pieces: a new process maps them sooner
    yield "tmpfs", f"{huge},noswap"  # as root, since Linux 6.4
    if not Path("/proc/swaps").read_text(encoding="utf-8").splitlines()[1:]:
        yield "tmpfs", huge
        yield "tmpfs", "mode=755"
    yield "ramfs", "mode=755"


def _rename_home(library: Path) -> None:
    """Let the interpreter's notes of how it was built name the folder that it lies in now."""
    if sys.base_prefix in ("/usr", PREFIX):
        return
    for notes in library.glob("_sysconfigdata*.py"):
        text = notes.read_text(encoding="utf-8")
        notes.write_text(text.replace(sys.base_prefix, PREFIX), encoding="utf-8")


def _rest(found: Contents, others_done: int) -> int:
    """Copy in a child what is not needed at once, and seal the image; an ordinary user's PYTHON could not do that.

    Args:
        found: what is copied.
        others_done: a pipe that ends when everything else is.
    """
    parent, pid = os.getpid(), os.fork()
    if pid == 0:
        status = 1
        try:
            die_with(parent)
            os.closerange(3, others_done)
            os.closerange(others_done + 1, 256)
            copy(found.late)
            os.read(others_done, 1)
            mount(None, "/", None, MS_REMOUNT | MS_RDONLY | _FLAGS)
            status = 0
        finally:
            os._exit(status)
    return pid


def _copy_folder(source: str, target: str) -> None:
    os.makedirs(target, exist_ok=True)  # noqa: PTH103
    with os.scandir(source) as entries:
        for entry in entries:
            place = f"{target}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if not image_exclusions.is_left_out(entry.path, entry.name):
                    _copy_folder(entry.path, place)
            elif entry.is_file() and not image_exclusions.is_never_read(entry.name):
                _copy_file(entry.path, place)


def _copy_file(source: str, target: str) -> None:
    from_file = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        about = os.fstat(from_file)
        to_file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o755 if about.st_mode & 0o111 else 0o644)
        try:
            left = _used(from_file, about.st_size) if ".so" in os.path.basename(source) else about.st_size  # noqa: PTH119
            while left > 0 and (copied := os.sendfile(to_file, from_file, None, min(left, 1 << 30))):
                left -= copied
            if source.endswith(".py"):  # compiled modules name their source's time
                os.utime(to_file, ns=(about.st_mtime_ns, about.st_mtime_ns))
        finally:
            os.close(to_file)
    finally:
        os.close(from_file)


def _used(file: int, size: int) -> int:
    """Return how much of a shared library is ever mapped: symbols and notes for debuggers stand after that."""
    head = os.pread(file, _ELF_HEAD.size, 0)
    if size < _LARGE or len(head) < _ELF_HEAD.size or head[: len(_ELF_64)] != _ELF_64:
        return size
    start, step, count = _ELF_HEAD.unpack(head)
    table = os.pread(file, step * count, start)
    segments = (_ELF_SEGMENT.unpack_from(table, place) for place in range(0, len(table) - _ELF_SEGMENT.size + 1, step))
    return min(size, max((offset + length for kind, offset, length in segments if kind == _PT_LOAD), default=size))
