"""Certificates of a cluster."""

from pathlib import Path

import pytest

from closed_doors.classroom.cluster_certificates import ROLES, make_certificates, role_files
from closed_doors.classroom.worker_versions import difference
from closed_doors.core.errors import CourseError


def test_each_role_has_its_own_and_the_authoritys_key_is_nowhere(tmp_path: Path) -> None:
    """Keys are their owner's alone; one that others may read is refused, and so is one that is missing."""
    make_certificates(tmp_path / "c")
    keys = {role_files(tmp_path / "c", role).key.read_bytes() for role in ROLES}
    assert len(keys) == len(ROLES) == len(list((tmp_path / "c").rglob("key.pem")))
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "c").rglob("key.pem")} == {0o600}
    files = role_files(tmp_path / "c", "worker")
    files.key.chmod(0o644)
    with pytest.raises(CourseError, match="chmod 600"):
        role_files(tmp_path / "c", "worker")
    files.key.unlink()
    with pytest.raises(CourseError, match="cluster init"):
        role_files(tmp_path / "c", "worker")


def test_certificates_that_have_run_out_are_named(tmp_path: Path) -> None:
    """Nobody has to read it out of a failed handshake."""
    make_certificates(tmp_path / "c", days=0)
    with pytest.raises(CourseError, match="has run out"):
        role_files(tmp_path / "c", "client")


def test_a_difference_is_said_by_name() -> None:
    """What is the same is not listed; what is missing is said to be."""
    wanted = {"Python": "3.12.1", "numpy": "2.1", "torch": ""}
    assert difference(wanted, {"Python": "3.12.1", "numpy": "2.0", "torch": ""}) == "numpy is 2.0 and not 2.1"
    assert difference(wanted, {"Python": "3.12.1", "torch": "2.5"}) == (
        "numpy is not there and not 2.1, torch is 2.5 and not left out"
    )
    assert difference(wanted, wanted) == ""
