"""The one call that a machine blocks is named, with its remedy; root of a small namespace grades as a user does."""

import shutil
import subprocess
import sys

import pytest

from closed_doors.authoring.doctor.blocked_call import blocked_call
from closed_doors.grading.sandbox.self_test import probe

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
AS_ROOT_OF_ONE = """
from closed_doors.authoring.doctor.blocked_call import blocked_call
from closed_doors.grading.sandbox.self_test import probe
print(probe().user, blocked_call())
"""


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


def test_root_of_a_namespace_with_one_id_goes_the_users_way() -> None:
    """It can become nobody else, so a sandbox gets a user namespace of its own, as an ordinary user's does."""
    if not shutil.which("unshare") or subprocess.run(["unshare", "-Ur", "true"], check=False).returncode:
        pytest.skip("this account can't make user namespaces")
    assert said_by("unshare", "-Ur", sys.executable, "-c", AS_ROOT_OF_ONE) == "user None"
