"""A Slurm script that grades one assignment on several nodes: a scheduler, a worker a node, and who records."""

import shlex
from dataclasses import dataclass
from pathlib import Path

PORT = 8786
_SCRIPT = """#!/bin/bash
#SBATCH --job-name=grade-{name}
#SBATCH --nodes={nodes}
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task={processors}
#SBATCH --time={limit}
{partition}#SBATCH --output={name}-%j.log
# The course's folder, its environment and .cluster must be seen by all nodes, and nodes must allow user namespaces:
#   srun {course} doctor
set -eu
cd {root}
course={course}
address=tls://$(hostname --ip-address | cut -d' ' -f1):{port}

"$course" cluster scheduler --port {port} &
scheduler=$!
trap 'kill $scheduler 2>/dev/null || true' EXIT
srun --overlap --ntasks="$SLURM_JOB_NUM_NODES" "$course" cluster worker "$address" --threads {processors} &
workers=$!
trap 'kill $workers $scheduler 2>/dev/null || true' EXIT

sleep 5
"$course" cluster wait "$address" --seconds 300
"$course" autograde {assignment} --scheduler "$address"
"""


@dataclass(frozen=True, slots=True)
class SlurmJob:
    """What a script is written for.

    Attributes:
        program: the `course` command, seen by all nodes.
        limit: of time, as Slurm writes it.
    """

    root: Path
    assignment: str
    program: Path
    nodes: int
    processors: int
    limit: str
    partition: str | None = None


def slurm_script(job: SlurmJob) -> str:
    """Return the script."""
    return _SCRIPT.format(
        name=shlex.quote(job.assignment),
        nodes=job.nodes,
        processors=job.processors,
        limit=job.limit,
        partition=f"#SBATCH --partition={job.partition}\n" if job.partition else "",
        root=shlex.quote(str(job.root)),
        course=shlex.quote(str(job.program)),
        assignment=shlex.quote(job.assignment),
        port=PORT,
    )
