"""The one call that a machine blocks is named, with its remedy; root of a small namespace grades as a user does."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from closed_doors.authoring.doctor.blocked_call import blocked_call
from closed_doors.classroom.class_run import Options
from closed_doors.grading.sandbox.self_test import probe
from support.courses import ASSIGNMENT, SmallCourse
from support.grading_run import autograde

# Puts a filter around the doctor that refuses one system call, as a container's own does.
REFUSING = """
import errno, sys
import pyseccomp
rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
rules.add_rule(pyseccomp.ERRNO(errno.EPERM), sys.argv[1])
from closed_doors.authoring.doctor.blocked_call import blocked_call
rules.load()
found = blocked_call()
print(found.call if found else "", "|", found.remedy if found else "")
"""
COURSE = str(Path(sys.executable).with_name("course"))


def said_by(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("call", ["unshare", "mount"])
def test_the_call_that_is_blocked_is_named(call: str) -> None:
    """And the remedy speaks of what is in the way of it; to root it does not say that root would help."""
    if probe().user is None:
        pytest.skip("no sandbox can be made here at all")
    named, _, remedy = said_by(sys.executable, "-c", REFUSING, call).partition("|")
    assert named.startswith(call), named
    assert "container" in remedy
    assert "grade as root" not in remedy or probe().user == "user"


def test_nothing_is_named_where_all_goes_through() -> None:
    """Where a sandbox can be made, no call is blocked."""
    if probe().user is None:
        pytest.skip("no sandbox can be made here at all")
    assert blocked_call() is None


# Ways to run a program with few rights, as containers do, and what is left of its sandboxes there.
AS_ONE = ("unshare", "--user", "--map-root-user")
BOUND = ("bwrap", "--dev-bind", "/", "/", "--unshare-user", "--cap-drop", "ALL")
COVERED = """mount -t tmpfs none /proc/tty; exec unshare --user --map-root-user "$@" """
CHROOT = """
mount -t tmpfs none /mnt; mkdir /mnt/root; cd /mnt/root
for each in $(ls -A /); do
  if [ -L "/$each" ]; then cp -d "/$each" .; elif [ "/$each" != /mnt ] && [ -d "/$each" ]; then
    mkdir "$each"; mount --rbind "/$each" "$each"; fi
done
exec chroot . "$@"
"""


def in_shell(script: str, *options: str) -> tuple[str, ...]:
    return ("unshare", *options, "--mount", "bash", "-c", script, "bash")


def able(*prefix: str) -> None:
    """Skip where this machine can't run anything so."""
    if not shutil.which(prefix[0]) or subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode:
        pytest.skip(f"{prefix[0]} can't be used here")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("prefix", [AS_ONE, (*BOUND, "--uid", "1000", "--gid", "1000")], ids=["root", "user"])
def test_with_one_id_a_class_is_graded_the_users_way(prefix: tuple[str, ...], class_of_four: SmallCourse) -> None:
    """Root of one id can become nobody else, and a user without any capability needs none: the marks are the same."""
    able(*prefix)
    assert "a user namespace" in said_by(*prefix, COURSE, "doctor")
    said_by(*prefix, COURSE, "--root", str(class_of_four.root), "autograde", ASSIGNMENT)
    inside = class_of_four.everything(), class_of_four.verdicts()
    assert class_of_four.grades()["alice", "verification"][0] == 4
    autograde(class_of_four, Options(force=True))
    assert (class_of_four.everything(), class_of_four.verdicts()) == inside


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("prefix", "call", "remedy"),
    [
        (BOUND, "writing /proc/self/uid_map", "another user id"),
        (("unshare", "--user"), "unshare(CLONE_NEWUSER)", "unshare -r"),
        (in_shell(COVERED, "--user", "--map-root-user"), "mount(proc)", "procMount: Unmasked"),
        (in_shell(CHROOT), "mount(MS_PRIVATE)", "mount --bind"),
        (in_shell(CHROOT, "--user", "--map-root-user"), "unshare(CLONE_NEWUSER)", "systemd-nspawn"),
    ],
    ids=["no SETFCAP", "no id", "a covered /proc", "a chroot", "a user's chroot"],
)
def test_what_stands_in_the_way_is_named_with_its_own_remedy(prefix: tuple[str, ...], call: str, remedy: str) -> None:
    """The doctor says it with what helps there, and that nothing is graded until then."""
    if os.geteuid() != 0:
        pytest.skip("these surroundings are made by root")
    able(*prefix)
    done = subprocess.run([*prefix, COURSE, "doctor"], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    assert f"{call} is blocked" in done.stderr
    assert remedy in done.stderr.partition("Remedy: ")[2]
    assert "Until then nothing is graded" in done.stderr
