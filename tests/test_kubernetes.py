"""deploy/kubernetes: manifests that the published schemas allow, and a pod's rights, in which a class is graded."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyseccomp
import pytest
import yaml

from closed_doors.classroom.class_run import Options
from support.courses import ASSIGNMENT, SmallCourse
from support.grading_run import autograde
from tests.conftest import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
MANIFESTS = ("serve.yaml", "class.yaml")
COURSE = Path(sys.executable).with_name("course")
OLDEST = "1.33"  # that the guide names


def documents() -> Iterator[dict[str, Any]]:
    for name in MANIFESTS:
        yield from yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8"))


def pods() -> Iterator[dict[str, Any]]:
    yield from (each["spec"]["template"]["spec"] for each in documents() if "template" in each["spec"])


def test_the_schemas_of_kubernetes_allow_every_document() -> None:
    """From the oldest version that the guide names to the newest one known; no field is unknown."""
    schemas = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    for document in documents():
        for version in (OLDEST, schemas.latest_version()):
            schemas.validate(document, version, strict=True)


def test_no_pod_has_more_rights_than_it_needs() -> None:
    """No capability, no root, no token of the cluster's; where sandboxes are made there is a user namespace."""
    for pod in pods():
        (container,) = pod["containers"]
        rights = container["securityContext"]
        assert rights["capabilities"] == {"drop": ["ALL"]}
        assert rights["allowPrivilegeEscalation"] is False
        assert rights["readOnlyRootFilesystem"] is True
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        assert {"cpu", "memory"} <= container["resources"]["limits"].keys()
        makes_sandboxes = rights.get("procMount") == "Unmasked"
        assert makes_sandboxes == (pod.get("hostUsers") is False) == (container["name"] != "scheduler")


def test_what_pods_refer_to_is_there_or_in_the_guide() -> None:
    """Claims and profiles are among the files; secrets are made by a command of the guide."""
    guide = (FOLDER / "README.md").read_text(encoding="utf-8")
    claims = {each["metadata"]["name"] for each in documents() if each["kind"] == "PersistentVolumeClaim"}
    for pod in pods():
        for volume in pod["volumes"]:
            if "secret" in volume:
                assert f" {volume['secret']['secretName']} " in guide
            if "persistentVolumeClaim" in volume:
                assert volume["persistentVolumeClaim"]["claimName"] in claims
        profile = pod["securityContext"]["seccompProfile"]
        assert profile["type"] == "RuntimeDefault" or (FOLDER / profile["localhostProfile"]).is_file()


def test_the_commands_of_pods_exist() -> None:
    """Every `course` command in a manifest has the options that it is given."""
    for pod in pods():
        (container,) = pod["containers"]
        words = " ".join(container["args"] if "command" in container else ["course", *container["args"]]).split()
        starts = [place for place, word in enumerate(words) if word == "course"]
        for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
            called = words[start + 1 : end]
            verbs = called[: 2 if called[0] == "cluster" else 1]
            said = subprocess.run([COURSE, *verbs, "--help"], capture_output=True, text=True, check=True).stdout
            assert all(word in said for word in called if word.startswith("--")), called


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """The seccomp profile as the kernel reads it."""
    said = json.loads((FOLDER / "closed-doors.json").read_text(encoding="utf-8"))
    assert said["defaultAction"] == "SCMP_ACT_ALLOW"
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for group in said["syscalls"]:
        assert (group["action"], group["errnoRet"]) == ("SCMP_ACT_ERRNO", errno.EPERM)
        for name in group["names"]:
            if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0:
                rules.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
    with (tmp_path / "filter").open("wb") as file:
        rules.export_bpf(file)
    return tmp_path / "filter"


def in_pod(profile: Path, course: SmallCourse, proc: tuple[str, ...], *words: str) -> subprocess.CompletedProcess[str]:
    """Run `course` with the rights of such a pod."""
    own = ("--unshare-user", "--unshare-net", "--unshare-ipc", "--unshare-uts")
    files = ("--ro-bind", "/", "/", "--dev", "/dev", *proc, "--tmpfs", "/tmp", "--bind", str(course.root), "/mnt")
    rights = ("--uid", "1000", "--gid", "1000", "--cap-drop", "ALL", "--clearenv", "--setenv", "HOME", "/tmp")
    path = ("--setenv", "PATH", f"{COURSE.parent}:/usr/bin:/bin")
    descriptor = os.open(profile, os.O_RDONLY)
    try:
        command = ["bwrap", *own, *files, *rights, *path, "--seccomp", str(descriptor), str(COURSE), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, pass_fds=[descriptor])
    finally:
        os.close(descriptor)


WHOLE, COVERED = ("--bind", "/proc", "/proc"), ("--unshare-pid", "--proc", "/proc")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_with_a_pods_rights_a_class_is_graded(profile: Path, class_of_four: SmallCourse) -> None:
    """No capability, a read-only root, the profile around it: the marks are those of this machine."""
    needs_bubblewrap()
    done = in_pod(profile, class_of_four, WHOLE, "--root", "/mnt", "autograde", ASSIGNMENT)
    assert done.returncode == 0, done.stdout + done.stderr
    inside = class_of_four.everything(), class_of_four.verdicts()
    assert class_of_four.grades()["alice", "verification"][0] == 4
    autograde(class_of_four, Options(force=True))
    assert (class_of_four.everything(), class_of_four.verdicts()) == inside


@pytest.mark.slow
def test_where_proc_is_covered_the_doctor_names_what_to_grant(profile: Path, course: SmallCourse) -> None:
    """Runtimes cover parts of it unless a pod asks for the whole."""
    needs_bubblewrap()
    done = in_pod(profile, course, COVERED, "doctor")
    assert done.returncode == 1
    assert "mount(proc) is blocked" in done.stderr
    assert "procMount: Unmasked" in done.stderr


def needs_bubblewrap() -> None:
    if not shutil.which("bwrap") or subprocess.run(["bwrap", "--ro-bind", "/", "/", "true"], check=False).returncode:
        pytest.skip("bubblewrap can't be used here")
