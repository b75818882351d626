"""What the processes of grading say to each other: one record type for each message, by connection.

    supervisor ⇄ zygote (and opened zygote)    WarmUp, OpenLesson, Spawn
    supervisor ⇄ stage                         SetStage, Examine, EndExaminer
    supervisor ⇄ examiner                      Grade or Survey; then records, until Done or Again
    examiner   ⇄ worker and its forks          Fork, Run, Define, Observe, …, and the questions of the bridge

A message crosses as its name and its fields; what comes in is checked against the messages that may come there, field
by field, so whoever reads one never looks at positions. Fields of type `object` hold plain data that a student's
process made: whoever uses them looks first.
"""

from enum import Enum
from typing import Literal

import msgspec


class Message(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """What one process says to another."""


class Record(msgspec.Struct, frozen=True, array_like=True):
    """What a message holds several of."""


# ------------------------------------------------------------------------- supervisor and zygote


class Ready(Message, frozen=True):
    """From the zygote: it can be asked.

    Attributes:
        user: whether an ordinary user sets sandboxes up; None where nobody can.
        obstacle: why nobody can.
        cgroup: the control groups that bound memory, if any.
        threads: of the zygote; more than one, and its forks would hang.
    """

    user: str | None
    obstacle: str
    cgroup: str | None
    threads: int


class WarmUp(Message, frozen=True):
    """Import modules, and read lesson cells, for all later forks.

    Attributes:
        modules: their names.
        lesson: the cells.
        many: whether there will be so many forks that it is worth a while to make them cheaper.
    """

    modules: tuple[str, ...]
    lesson: tuple[str, ...]
    many: bool


class Warmed(Message, frozen=True):
    """How many threads the process has now."""

    threads: int


class OpenLesson(Message, frozen=True):
    """Fork a process in which the lesson's opening cells have run; it speaks on the descriptor that comes along.

    Attributes:
        lesson: the cells.
        modules: of the course's own, those that it imports before.
        tree: the assignment's files (see `processes.file_trees`).
        language: what it speaks, and the workers that are forked from it.
    """

    lesson: tuple[str, ...]
    modules: tuple[str, ...]
    tree: str
    language: str


class Opening(Message, frozen=True):
    """The fork's number; whether the cells can be shared, it says itself."""

    pid: int


class Opened(Message, frozen=True):
    """From the opened zygote: what each of the cells has shown."""

    outputs: list[list[dict[str, object]]]


class Spawn(Message, frozen=True):
    """Make a sandbox; its leash and its connection come along as descriptors.

    Attributes:
        role: what runs in it.
        uid: as root, the user id that it runs as.
        limits: the fields of `Limits`.
        tree: the files that it sees besides the interpreter's (see `processes.file_trees`).
        language: what it speaks.
    """

    role: Literal["worker", "stage"]
    uid: int
    limits: tuple[int, ...]
    tree: str
    language: str


class Spawned(Message, frozen=True):
    """The sandbox's number; 0 where there is none, and the leash says why."""

    pid: int


# -------------------------------------------------------------------------- supervisor and stage


class StagedCell(Record, frozen=True):
    """A trusted cell: what tracebacks call it, and its source."""

    filename: str
    source: str


class SetStage(Message, frozen=True):
    """Run the lesson's opening cells, compile the others, read what is known of misconceptions."""

    lesson: tuple[StagedCell, ...]
    others: tuple[StagedCell, ...]
    hints: bytes


class Staged(Message, frozen=True):
    """How many of the lesson's cells ran."""

    count: int


class Examine(Message, frozen=True):
    """Fork an examiner; its connections to the supervisor and to a worker come along as descriptors."""


class Examining(Message, frozen=True):
    """The examiner's number."""

    pid: int


class EndExaminer(Message, frozen=True):
    """Kill an examiner if it still runs."""

    pid: int


class ExaminerEnded(Message, frozen=True):
    """Its processor time, in seconds."""

    cpu_s: float


# ----------------------------------------------------------------------- supervisor and examiner


class StepRecord(Record, frozen=True):
    """A `notebook.plan.Step`, field by field."""

    index: int
    role: str
    source: str
    grade_id: str
    points: float
    public: str
    student_names: tuple[str, ...]
    read_names: tuple[str, ...] = ()
    inside: bool = False
    visible: str = ""


class Way(Enum):
    """How a submission is graded, each where the one before came to no end (see `examination`)."""

    PLAIN = "plain"
    CAREFUL = "careful"
    ALONE = "alone"


class ChangedArgument(Record, frozen=True):
    """An argument that a call changed: where in a test cell it was called, and which one, by place or name."""

    cell: str
    line: int
    key: int | str


class ObjectUse(Record, frozen=True):
    """Where a test lets an object of the student's decide.

    Attributes:
        cell: whose line it is.
        line: which.
        test: the line of the test that has called this one, or the same.
        name: the operation, and the kind of what it is done with.
        type_name: of the object.
    """

    cell: str
    line: int
    test: int
    name: str
    type_name: str


class Grade(Message, frozen=True):
    """Grade a submission.

    Attributes:
        cell_s: time that one cell may take, in seconds.
        steps: its code cells.
        way: the value of a Way.
        opened: how many lesson cells the worker starts with.
        allowed: the arguments that the master's own solution changes; None while that is found out.
        hidden: digests of what hidden tests alone ask, which no example may show; None where they are not known.
        uses: where the master's own solution decides by its own objects.
        proved: whether that solution has been graded: what fails in the lesson is known then.
        probed: the position of the one grading cell whose answer is asked for hints, where nothing is to be judged.
    """

    cell_s: float
    steps: tuple[StepRecord, ...]
    way: str
    opened: int
    allowed: tuple[ChangedArgument, ...] | None
    hidden: tuple[bytes, ...] | None
    uses: tuple[ObjectUse, ...] = ()
    proved: bool = False
    probed: int | None = None


class Survey(Message, frozen=True):
    """Run a notebook's steps, then probe each of these answers to the exercise that comes next."""

    cell_s: float
    steps: tuple[StepRecord, ...]
    opened: int
    answers: tuple[str, ...]
    setup: str
    calls: tuple[str, ...]


class CellOutputs(Message, frozen=True):
    """What stands under a cell of the student's, made safe."""

    index: int
    outputs: list[dict[str, object]]


class CellVerdictRecord(Message, frozen=True):
    """A grading cell's verdict so far; a later one replaces it.

    Attributes:
        verdict: a `verdict.CellVerdict`, as plain data.
    """

    index: int
    verdict: dict[str, object]


class RemarkRecord(Message, frozen=True):
    """What a person should look at: a `remark.Remark`, as plain data."""

    remark: dict[str, object]


class MasterBroken(Message, frozen=True):
    """A cell of the master itself fails."""

    index: int
    why: str


class ExaminerFailed(Message, frozen=True):
    """The examiner itself failed: its traceback, for the staff."""

    traceback: str


class ArgumentsChanged(Message, frozen=True):
    """What the submission changed in the arguments of tests, which the master's own solution does not change.

    Attributes:
        hidden: digests of what hidden tests alone ask (see `bridge.asked_inputs`), where this is found out.
    """

    changes: tuple[ChangedArgument, ...]
    hidden: tuple[bytes, ...] = ()


class ObjectsUsed(Message, frozen=True):
    """Where tests let objects of the master's own solution decide."""

    uses: tuple[ObjectUse, ...]


class LessonFailed(Message, frozen=True):
    """A cell of the lesson fails, in an ordinary kernel too: what needs it will say so."""

    index: int
    why: str


class Sealed(Message, frozen=True):
    """Hidden tests begin: what a student is shown must not change from here on."""


class Judged(Message, frozen=True):
    """Every verdict has been sent."""


class HintFound(Message, frozen=True):
    """The misconception that a cell's answer shows; it is told where a criterion is missed."""

    index: int
    id: str
    text: str


class WitnessFound(Message, frozen=True):
    """A public example of what hidden tests refuse: a `verdict.Witness`, field by field."""

    index: int
    call: str
    expected: str
    obtained: str


class Done(Message, frozen=True):
    """That was the last record."""


class Again(Message, frozen=True):
    """Something went wrong, or took too long: grade the submission anew, the next way."""


EXAMINER_RECORDS = (
    CellOutputs,
    CellVerdictRecord,
    RemarkRecord,
    MasterBroken,
    ExaminerFailed,
    ArgumentsChanged,
    ObjectsUsed,
    LessonFailed,
    Sealed,
    Judged,
    HintFound,
    WitnessFound,
    Done,
    Again,
)


class ProbeResult(Record, frozen=True):
    """What one probe gave (see `Observation`); from a student's process, so anything may stand here."""

    form: str
    numbers: object
    container: str
    changes: bool


class SurveySeen(Message, frozen=True):
    """What one answer gave to the probes."""

    rows: tuple[ProbeResult, ...]


class SurveyLost(Message, frozen=True):
    """An answer's process ended, or took too long."""


# --------------------------------------------------------------------------- examiner and worker


class Fork(Message, frozen=True):
    """Fork this state of the notebook; the fork speaks on the descriptor that comes along."""


class Forked(Message, frozen=True):
    """The fork's number; not positive where the sandbox's limit is reached."""

    pid: int


class EndFork(Message, frozen=True):
    """Kill a fork of this process."""

    pid: int


class ForkEnded(Message, frozen=True):
    """It is gone."""


class Sweep(Message, frozen=True):
    """Kill every process of the sandbox but these; asked of pid 1 only."""

    kept: tuple[int, ...]


class Swept(Message, frozen=True):
    """They are gone."""


class Host(Message, frozen=True):
    """Run student cells in this process, pid 1, itself (the plain way); has no reply."""


class Run(Message, frozen=True):
    """Run a cell, which may take so long (see `clocks.cell_clock`)."""

    source: str
    seconds: float


class Define(Message, frozen=True):
    """Run a cell, unless it may change what the asked names mean."""

    source: str
    asked: tuple[str, ...]
    seconds: float


class Ran(Message, frozen=True):
    """How a cell ended.

    Attributes:
        in_time: whether it was not stopped.
        outputs: what stands under it, from anybody.
        error: the type of the error that stopped it; empty where none did.
        text: of that error.
        line: of the cell, where it rose; 0 where that is not known.
    """

    in_time: bool
    outputs: list[object]
    error: str = ""
    text: str = ""
    line: int = 0


class Held(Message, frozen=True):
    """The cell has not run."""


class Observe(Message, frozen=True):
    """Run probes (see `hints.ask_probes`); all of them may take so long (see `clocks.cell_clock`)."""

    program: bytes
    seconds: float


class Observed(Message, frozen=True):
    """What each probe gave, or what a student's process says that it gave."""

    rows: list[object]


# ----------------------------------------------------------------------------------- the bridge


class Question(Message, frozen=True):
    """What the bridge asks; the answer may take so long (see `clocks.cell_clock`)."""

    seconds: float


class Get(Question, frozen=True):
    """What does the student's namespace hold under this name?"""

    name: str


class Surroundings(Record, frozen=True):
    """What a test has changed before it calls.

    Attributes:
        patched: the builtins that the test has put something of its own in the place of; they are called back.
        draws: the encoded states of random generators that the test has seeded since the last call.
        replaced: what stands in modules where something else stood, as "module:name", encoded.
        variables: those of the environment that are otherwise; None for one that is gone.
        filters: the encoded filters of warnings that the test has added, and whether the others still hold.
        fresh: whether a cell begins: a notebook then forgets which warnings it has shown.
    """

    patched: tuple[str, ...] = ()
    draws: bytes = b""
    replaced: dict[str, bytes] = {}
    variables: dict[str, str | None] = {}
    filters: bytes = b""
    fresh: bool = False


class Call(Question, frozen=True):
    """Call an object with encoded arguments.

    Attributes:
        grad: whether gradients are recorded on the examiner's side.
        surroundings: what else the call finds otherwise than in a fresh notebook.
    """

    number: int
    args: list[bytes]
    kwargs: dict[str, bytes]
    grad: bool
    surroundings: Surroundings


class Apply(Question, frozen=True):
    """Apply an operation of `bridge.special_methods` to encoded operands."""

    name: str
    operands: list[bytes]


class SetName(Question, frozen=True):
    """Bind a global name of the notebook to an encoded value, or delete it where there is none."""

    name: str
    value: bytes | None


class Share(Question, frozen=True):
    """Say from now on which containers of values are which.

    Attributes:
        kept: always; else of calls that give what they were given, or the same twice.
    """

    kept: bool = True


class Write(Question, frozen=True):
    """Let a container hold what the test has made of it, encoded."""

    number: int
    value: bytes


class FileContent(Record, frozen=True):
    """A file that one side has changed in its folder.

    Attributes:
        path: below the folder.
        data: its content; None for one that is gone.
        folder: whether it is a folder.
    """

    path: str
    data: bytes | None = None
    folder: bool = False


class Files(Question, frozen=True):
    """Take what the test has written into files; what has the student's code written since?

    Attributes:
        home: the folder of the student's files.
        room: by which path the test may name it.
        changes: the test's.
    """

    home: str
    room: str
    changes: tuple[FileContent, ...]


class Describe(Question, frozen=True):
    """What are an object's parameters?"""

    number: int


class Figure(Question, frozen=True):
    """What does this function of pyplot, which takes nothing, give?"""

    name: str


class Backward(Question, frozen=True):
    """What are the gradients of a call's inputs, given those of its outputs?"""

    call: int
    grads: list[bytes | None]


class GetAttribute(Question, frozen=True):
    """What is this attribute?"""

    number: int
    name: str


class SetAttribute(Question, frozen=True):
    """Set an attribute to an encoded value."""

    number: int
    name: str
    value: bytes


class GetItem(Question, frozen=True):
    """What is at this encoded key?"""

    number: int
    key: bytes


class Length(Question, frozen=True):
    """How long is it?"""

    number: int


class Iterate(Question, frozen=True):
    """Give an iterator over it."""

    number: int


class Next(Question, frozen=True):
    """What comes next from this iterator?"""

    number: int


QUESTIONS = (
    Get,
    Call,
    Apply,
    SetName,
    Share,
    Write,
    Files,
    Describe,
    Figure,
    Backward,
    GetAttribute,
    SetAttribute,
    GetItem,
    Length,
    Iterate,
    Next,
)


class CallBack(Message, frozen=True):
    """From the student's process, in the middle of an answer: do something with an object of the test's.

    Attributes:
        number: which object; 0 for a builtin that the test has patched.
        name: the operation, or the builtin.
        args: encoded.
        kwargs: encoded.
    """

    number: int
    name: str
    args: list[bytes]
    kwargs: dict[str, bytes]


class CalledBack(Message, frozen=True):
    """The encoded result."""

    data: bytes


class CallBackRaised(Message, frozen=True):
    """The test's object raised; `token` stands for the error itself."""

    lineage: list[str]
    text: str
    token: int


class Warned(Record, frozen=True):
    """A warning of the student's code: its encoded class, what it says, and where."""

    category: bytes
    text: str
    file: str
    line: int


class Printed(Record, frozen=True):
    """What the student's code wrote while it answered: on the two streams, and as warnings."""

    out: str = ""
    err: str = ""
    warned: tuple[Warned, ...] = ()


class Answer(Message, frozen=True):
    """What the bridge is answered.

    Attributes:
        printed: what the student's code wrote meanwhile.
        spent_s: the time that it says it took (see `clocks.cell_clock`).
    """

    printed: Printed
    spent_s: float


class Part(Record, frozen=True):
    """A container in an encoded value (see `bridge.shared_containers`).

    Attributes:
        argument: in which argument of the call it is; None for what the call gave.
        path: where it is in there.
        number: of the container itself.
        within: of an array that shows a part of another one's memory: the other's number, and where and in what steps
            of bytes the part lies in there; empty for what has its own.
    """

    argument: int | str | None
    path: tuple[int, ...]
    number: int
    within: tuple[int, ...] = ()


class Value(Answer, frozen=True):
    """An encoded value.

    Attributes:
        data: the value.
        call: the number of the call whose outputs ask for gradients; 0 where none do.
        gradients: of the leaves inside that ask for them, in order; encoded.
        changes: the encoded content of the arguments that a call has changed, by position or name.
        parts: its containers, where they are asked for.
        files: what the student's code has written, where that is asked for.
    """

    data: bytes
    call: int = 0
    gradients: list[bytes] = []
    changes: dict[int | str, bytes] = {}
    parts: tuple[Part, ...] = ()
    files: tuple[FileContent, ...] = ()


class Missing(Answer, frozen=True):
    """There is no such name."""


class Stop(Answer, frozen=True):
    """The iterator has come to its end."""


class OutOfTime(Answer, frozen=True):
    """The student's code took longer than it may."""


class Place(Record, frozen=True):
    """The last line of a notebook cell that an error went through."""

    line: int
    source: str
    function: str


class Raised(Answer, frozen=True):
    """The student's code raised.

    Attributes:
        lineage: the names of the error's type and of what it extends.
        text: its message.
        place: where it rose; None outside of the notebook's cells.
        details: its arguments and attributes, encoded; empty where they have no plain form.
        token: of an error that a callback raised, what it came with.
        error: the number of the error itself there.
    """

    lineage: list[str]
    text: str
    place: Place | None = None
    details: bytes = b""
    token: int = 0
    error: int = 0
