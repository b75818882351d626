"""A Slurm script that grades one assignment on several nodes: a scheduler, a worker a node, and who records."""

import shlex
from dataclasses import dataclass
from pathlib import Path

BASE_GIB, EACH_GIB = 4, 1  # the warm process, its image and who records; what a submission at a time may take
_SCRIPT = """#!/bin/bash
{directives}
# The course's folder, its environment and .cluster must be seen by all nodes.
set -euo pipefail
cd {root}
course={course}
on_all_nodes=(srun --nodes="$SLURM_JOB_NUM_NODES" --ntasks="$SLURM_JOB_NUM_NODES" --ntasks-per-node=1
  --cpus-per-task={processors} --overlap --label)

# A node that can't close the doors is named here, with the remedy, before anybody is graded.
"${{on_all_nodes[@]}}" "$course" doctor

host=127.0.0.1
[ "$SLURM_JOB_NUM_NODES" = 1 ] || host=$({address} | cut -d' ' -f1)
port=$((20000 + SLURM_JOB_ID % 10000))
address=tls://$host:$port
log=$PWD/{name}-$SLURM_JOB_ID.dask.log
"$course" cluster scheduler --host "$host" --port "$port" >>"$log" 2>&1 &
scheduler=$!
"${{on_all_nodes[@]}}" --kill-on-bad-exit=0 "$course" cluster worker "$address" --threads {processors} >>"$log" 2>&1 &
workers=$!
trap 'set +e; kill $workers; wait $workers; kill $scheduler; wait' EXIT
"$course" cluster wait "$address" --workers "$SLURM_JOB_NUM_NODES" --seconds 300 || echo "The run goes on without them."

"$course" autograde {assignment} --scheduler "$address"
"""
_FIRST_ADDRESS = "hostname --all-ip-addresses"
_ADDRESS_OF = "ip -4 -oneline address show dev {} | sed 's/.* inet //; s|/.*||'"


@dataclass(frozen=True, slots=True)
class SlurmJob:
    """What a script is written for.

    Attributes:
        program: the `course` command, seen by all nodes.
        limit: of time, as Slurm writes it.
        memory: of each node, as Slurm writes it; None for what so many processors take.
        requeue: whether Slurm starts the job anew when a node fails or is taken away; it goes on where it was.
        interface: the network that nodes speak over; None for the one of the node's first address.
        others: further options of sbatch.
    """

    root: Path
    assignment: str
    program: Path
    nodes: int
    processors: int
    limit: str
    memory: str | None = None
    requeue: bool = True
    partition: str | None = None
    interface: str | None = None
    others: tuple[str, ...] = ()


def slurm_script(job: SlurmJob) -> str:
    """Return the script."""
    return _SCRIPT.format(
        name=shlex.quote(job.assignment),
        directives="\n".join(f"#SBATCH {option}" for option in _options(job)),
        processors=job.processors,
        root=shlex.quote(str(job.root)),
        course=shlex.quote(str(job.program)),
        assignment=shlex.quote(job.assignment),
        address=_ADDRESS_OF.format(shlex.quote(job.interface)) if job.interface else _FIRST_ADDRESS,
    )


def _options(job: SlurmJob) -> list[str]:
    name = shlex.quote(job.assignment)
    return [
        f"--job-name=grade-{name}",
        f"--nodes={job.nodes}",
        "--ntasks-per-node=1",
        f"--cpus-per-task={job.processors}",
        f"--mem={job.memory or f'{BASE_GIB + EACH_GIB * job.processors}G'}",
        f"--time={job.limit}",
        "--requeue" if job.requeue else "--no-requeue",
        f"--output={name}-%j.log",
        "--open-mode=append",
        *([f"--partition={job.partition}"] if job.partition else []),
        *job.others,
    ]
