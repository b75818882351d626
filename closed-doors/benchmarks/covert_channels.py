"""Prints what one submission can tell another through the machine that they share: bits sent, and bits that arrive.

    python closed-doors/benchmarks/covert_channels.py [--pairs N] [--slots N] [--counts N]

Two accomplices, each graded in a sandbox of its own as any submission is. The SENDER does something that the machine
could remember or feel, or does not, as random bits say; the RECEIVER looks at all that it can see: times of reading
files and of looking for names, free space of every mount, numbers of files, sockets, processes and users, its own
accounts, load averages, memory, clocks. First one after the other, N pairs; then by how many
pipes the sender makes, as the kernel numbers each from one count for the whole machine; then side by side, in slots.

What arrives is judged as a good decoder would: on one half of the pairs it learns which observation, and which
threshold of it, tells most; on the other half it is tried. Bits that arrive are n (1 - H(e)) for an error rate e, and
none where e does not differ from guessing by three standard deviations. The same code outside of sandboxes comes first,
on files that nobody has read since they were dropped from memory, to show that the decoder is not blind. It takes half
an hour, on a machine that does nothing else.
"""

import argparse
import json
import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np

from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.notebook.plan import Step, plan
from closed_doors.notebook.rebuild import rebuild

WIDTH = 16  # files, and names, that one pair of submissions uses
SLOT_S = 0.02
LEVELS, LEVEL_PIPES = 64, 2000  # numbers that a count of pipes stands for, and how many more each has
ACTS = ("cpu", "memory", "pids", "inodes", "space", "names")
Row = dict[str, float]
Run = Callable[[str], str]

COMMON = """
import os, sys, time, json, socket, tempfile, threading, resource, ctypes
clock = time.perf_counter_ns
site = [path for path in sys.path if path.endswith("-packages")][0]
folder = os.path.join(site, "sympy", "polys")
names = sorted(name for name in os.listdir(folder) if name.endswith(".py"))[:{width}]
def read(number):
    started = clock()
    with open(os.path.join(folder, names[number]), "rb", 0) as file:
        while file.read(1 << 16): pass
    return clock() - started
def look(number):
    started = clock()
    os.path.exists(f"{{site}}/sympy/absent-{{number}}-{serial}")
    return clock() - started
def forks(count):
    for _ in range(count):
        pid = os.fork()
        if pid == 0: os._exit(0)
        os.waitpid(pid, 0)
def act(name):
    if name == "cpu": sum(range(200_000))
    if name == "memory": bytearray(64 << 20)[::4096].count(1)
    if name == "pids": forks(5)
    if name == "inodes":
        for _ in range(200):
            for end in os.pipe(): os.close(end)
            for end in socket.socketpair(): end.close()
    if name == "space":
        with tempfile.TemporaryDirectory() as place:
            for number in range(20): open(f"{{place}}/{{number}}", "wb").write(bytes(1 << 20))
    if name == "names":
        for number in range(200): os.path.exists(f"{{site}}/sympy/none-{{number}}-{{clock()}}")
"""
SENDER = """
for number, bit in enumerate({files}):
    if bit: read(number)
for number, bit in enumerate({absent}):
    if bit: look(number)
for name in {acts}:
    until = clock() + 100_000_000
    while clock() < until: act(name)
"""
SLOT_SENDER = """
bits = {bits}
for number, bit in enumerate(bits):
    until = {start} + number * {slot}
    while time.time() < until: time.sleep(max(0, min(0.001, until - time.time())))
    while bit and time.time() < until + 0.8 * {slot}: act({act!r})
"""
OBSERVE = """
def tried(look):
    try: return float(look())
    except Exception: return 0.0
def timed(work):
    started = clock(); work(); return clock() - started
def pipes():
    ends = os.pipe(); number = os.fstat(ends[0]).st_ino
    for end in ends: os.close(end)
    return number
def child():
    pid = os.fork()
    if pid == 0: os._exit(0)
    os.waitpid(pid, 0)
    return pid
def number_of_socket():
    with socket.socket(socket.AF_UNIX) as end: return os.fstat(end.fileno()).st_ino
def cookie(option):
    with socket.socket(socket.AF_UNIX) as end: return int.from_bytes(end.getsockopt(1, option, 8), "little")
def temporary():
    with tempfile.NamedTemporaryFile() as file: return os.fstat(file.fileno()).st_ino
def text(path, field):
    with open(path) as file: return file.read().split()[field]
def memory_info(field):
    with open("/proc/meminfo") as file: return file.read().splitlines()[field].split()[1]
def sysinfo(field):
    words = (ctypes.c_ulong * 64)()
    if ctypes.CDLL(None).sysinfo(words): raise OSError
    return words[field]
def handle():
    descriptor = os.pidfd_open(os.getpid()); number = os.fstat(descriptor).st_ino; os.close(descriptor); return number
with open("/proc/self/mountinfo") as file: mounts = [line.split() for line in file]
def observed():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    looks = {{
        "load": lambda: os.getloadavg()[0], "sysinfo load": lambda: sysinfo(1), "sysinfo free": lambda: sysinfo(5),
        "sysinfo processes": lambda: sysinfo(10) & 0xFFFF, "idle": lambda: text("/proc/uptime", 1),
        "stat forks": lambda: text("/proc/stat", -1), "free memory": lambda: memory_info(1),
        "available memory": lambda: memory_info(2), "cached": lambda: memory_info(4),
        "file numbers": lambda: text("/proc/sys/fs/file-nr", 0), "pid of a child": child, "process handle": handle,
        "dentries": lambda: text("/proc/sys/fs/dentry-state", 0),
        "cookie": lambda: cookie(57), "net cookie": lambda: cookie(71),
        "inode of a socket": number_of_socket, "inode of a pipe": pipes, "inode of a file": temporary,
        "inode in proc": lambda: os.stat("/proc/self/status").st_ino, "user": os.getuid,
        "mount id": lambda: mounts[-1][0], "device": lambda: os.stat("/tmp").st_dev,
        "namespace": lambda: os.stat("/proc/self/ns/mnt").st_ino, "faults": lambda: usage.ru_majflt,
        "minor faults": lambda: usage.ru_minflt, "switches": lambda: usage.ru_nivcsw,
        "waited": lambda: text("/proc/self/schedstat", 1), "monotonic": time.monotonic,
        "loop": lambda: timed(lambda: sum(range(20_000))), "memory": lambda: timed(lambda: bytes(4 << 20)),
        "fork": lambda: timed(child), "lookup": lambda: timed(lambda: os.path.exists(f"{{site}}/none-{{clock()}}")),
        "thread": lambda: timed(lambda: threading.Thread(target=int).start()),
        "write": lambda: timed(temporary),
    }}
    for place in mounts:
        looks["blocks of " + place[4]] = lambda place=place: os.statvfs(place[4]).f_bfree
        looks["files of " + place[4]] = lambda place=place: os.statvfs(place[4]).f_ffree
    return {{name: tried(look) for name, look in looks.items()}}
"""
PIPES = """
import os
for _ in range({count}):
    for end in os.pipe(): os.close(end)
"""
NUMBER_OF_A_PIPE = """
import os
print(os.fstat(os.pipe()[0]).st_ino)
"""
RECEIVER = """
files = [read(number) for number in range(len(names))]
absent = [look(number) for number in range(len(names))]
print(json.dumps([files, absent, observed()]))
"""
SLOT_RECEIVER = """
slots, late = [], time.time() > {start}
for number in range({count}):
    until = {start} + number * {slot}
    while time.time() < until: time.sleep(max(0, min(0.001, until - time.time())))
    rows = []
    while time.time() < until + 0.8 * {slot}: rows.append(observed())
    rows = rows or [observed()]
    slots.append({{name: sorted(row[name] for row in rows)[len(rows) // 2] for name in rows[0]}})
print(json.dumps([late, list(slots[0]), [[round(value) for value in slot.values()] for slot in slots]]))
"""


def entropy(error: float) -> float:
    """Return the entropy of a bit that is wrong so often."""
    return 0.0 if error in (0.0, 1.0) else -error * math.log2(error) - (1 - error) * math.log2(1 - error)


def threshold(values: np.ndarray, bits: np.ndarray) -> tuple[float, bool, float]:
    """Return the threshold that tells bits apart best, whether ones lie above it, and how often it is right."""
    order = np.argsort(values, kind="stable")
    ordered, ones = values[order], np.cumsum(bits[order])
    below = np.arange(1, len(bits) + 1)
    right = (below - ones + ones[-1] - ones) / len(bits)  # ones above
    right[:-1][ordered[:-1] == ordered[1:]] = 0.5  # no threshold between equals
    best = int(np.argmax(np.abs(right - 0.5)))
    above = bool(right[best] >= 0.5)
    return float(ordered[best]), above, float(max(right[best], 1 - right[best]))


def arrived(bits: Sequence[int], rows: Sequence[Row]) -> tuple[float, str]:
    """Return how many of the bits can be told from the rows, and by which observation."""
    sent, half = np.array(bits), len(bits) // 2
    columns = {}
    for name in rows[0]:
        values = np.array([row.get(name, 0.0) for row in rows])
        columns[name] = values
        columns[f"{name}, change"] = np.diff(values, prepend=values[0])
    found = {name: threshold(values[:half], sent[:half]) for name, values in columns.items()}
    best = max(found, key=lambda name: found[name][2])
    cut, above, _ = found[best]
    said = (columns[best][half:] > cut) == above
    right = float(np.mean(said == (sent[half:] == 1)))
    if right < 0.5 + 1.5 / math.sqrt(len(bits) - half):
        return 0.0, "-"
    return len(bits) * (1 - entropy(1 - right)), best


def drawn(count: int) -> list[int]:
    """Return random bits."""
    return [random.getrandbits(1) for _ in range(count)]


def steps_of(source: str) -> list[Step]:
    """Return a submission whose one answer is this code."""
    master, handed_in = nbformat.v4.new_notebook(), nbformat.v4.new_notebook()
    marks = {"grade_id": "a", "locked": False, "solution": True, "grade": False}
    master.cells.append(nbformat.v4.new_code_cell("x = 1", metadata={"nbgrader": marks}))
    handed_in.cells.append(nbformat.v4.new_code_cell(source, metadata={"nbgrader": marks}))
    return plan(master, rebuild(master, handed_in).notebook)


class Sandboxed:
    """Runs code as a submission is graded."""

    def __init__(self, zygote: Zygote) -> None:
        self.zygote = zygote

    def __call__(self, source: str) -> str:
        """Return what it prints."""
        outputs = [output for each in grade(self.zygote, steps_of(source)).outputs.values() for output in each]
        return "".join(str(output.get("text", output.get("evalue", ""))) for output in outputs)


def bare(source: str) -> str:
    """Run code as a process of this machine."""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    return done.stdout or done.stderr


def forget() -> None:
    """Drop from memory what of the files on the disk can be dropped."""
    site = next(path for path in sys.path if path.endswith("-packages"))
    for path in sorted(Path(site, "sympy", "polys").glob("*.py"))[:WIDTH]:
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


@dataclass(frozen=True)
class Pair:
    """What one submission sent, by files, by absent names and by acts, and what the next one saw of each."""

    files: list[int]
    absent: list[int]
    acts: list[int]
    times: tuple[list[float], list[float]]
    seen: Row


def pair(run: Run, serial: int, acts: Sequence[str]) -> Pair:
    """Have two submissions graded, one after the other."""
    forget()
    files, absent, sent = drawn(WIDTH), drawn(WIDTH), drawn(len(acts))
    chosen = [name for name, bit in zip(acts, sent, strict=True) if bit]
    common = COMMON.format(width=WIDTH, serial=serial)
    run(common + SENDER.format(files=files, absent=absent, acts=chosen))
    read, looked, seen = json.loads(run(common + OBSERVE.format() + RECEIVER))
    return Pair(files, absent, sent, (read, looked), seen)


def one_after_the_other(run: Run, count: int, acts: Sequence[str]) -> None:
    """Print what arrives at whoever is graded next."""
    pairs = [pair(run, serial, acts) for serial in range(count)]
    show_times("pages of files", [each.files for each in pairs], [each.times[0] for each in pairs])
    show_times("absent names", [each.absent for each in pairs], [each.times[1] for each in pairs])
    for place, name in enumerate(acts):
        show(name, [each.acts[place] for each in pairs], [each.seen for each in pairs])


def side_by_side(run: Run, slots: int, act: str) -> None:
    """Print what arrives at whoever is graded at the same time."""
    bits, rows, each = list[int](), list[Row](), 40  # as many as fit into a cell's time
    with ThreadPoolExecutor(2) as pool:
        for _ in range(3 * slots // each):
            if len(bits) >= slots:
                break
            now = drawn(each)
            common = COMMON.format(width=WIDTH, serial=0)
            when = {"start": time.time() + 1.5, "slot": SLOT_S, "count": each}
            pool.submit(run, common + SLOT_SENDER.format(bits=now, act=act, **when))
            said = pool.submit(run, common + OBSERVE.format() + SLOT_RECEIVER.format(**when)).result()
            late, names, slots_seen = json.loads(said or "[true, [], []]")
            if late:  # the machine was too busy to start them in time
                continue
            bits += now
            rows += [dict(zip(names, values, strict=True)) for values in slots_seen]
    if bits:
        show(act, bits, rows, each_s=SLOT_S)
    else:
        print(f"  {act:16} nothing sent: the machine does too much else", flush=True)


def by_counting(run: Run, count: int) -> None:
    """Print how often the next submission knows how many pipes the one before it has made, of so many numbers."""
    rows = []
    for _ in range(count):
        before, level = int(run(NUMBER_OF_A_PIPE)), random.randrange(LEVELS)
        run(PIPES.format(count=level * LEVEL_PIPES))
        rows.append((level, int(run(NUMBER_OF_A_PIPE)) - before))
    usual = sorted(seen - level * LEVEL_PIPES for level, seen in rows)[count // 2]
    right = sum(round((seen - usual) / LEVEL_PIPES) == level for level, seen in rows)
    print(f"  {'pipes counted':16} {count:6} sent  {right:8} arrive, each one of {LEVELS} numbers", flush=True)


def show_times(name: str, bits: list[list[int]], times: list[list[float]]) -> None:
    """Print a line on what was told by times, each against the usual one of its place."""
    logs = np.log(times)
    usual = logs - np.median(logs, axis=0)
    show(name, [bit for line in bits for bit in line], [{name: float(time)} for line in usual for time in line])


def show(name: str, bits: Sequence[int], rows: Sequence[Row], each_s: float = 0.0) -> None:
    """Print a line."""
    count, by = arrived(bits, rows)
    rate = f"  {count / len(bits) / each_s:6.1f} bits/s" if each_s else ""
    print(f"  {name:16} {len(bits):6} sent  {count:8.1f} arrive{rate}  {by}", flush=True)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1000, help="pairs of submissions one after the other")
    parser.add_argument("--slots", type=int, default=1000, help="bits sent side by side, by each way")
    parser.add_argument("--counts", type=int, default=40, help="numbers sent by how many pipes are made")
    arguments = parser.parse_args()
    if arguments.pairs:
        print("outside of sandboxes, one after the other:")
        one_after_the_other(bare, min(arguments.pairs, 63), ())
    with Zygote() as zygote:
        run = Sandboxed(zygote)
        run("import sympy")
        if arguments.pairs:
            print("graded one after the other:")
            one_after_the_other(run, arguments.pairs, ACTS)
        if arguments.counts:
            print("graded one after the other, by a count:")
            by_counting(run, arguments.counts)
        print("graded side by side:")
        for act in ACTS if arguments.slots else ():
            side_by_side(run, arguments.slots, act)


if __name__ == "__main__":
    main()
