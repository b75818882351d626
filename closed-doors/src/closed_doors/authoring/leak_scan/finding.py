"""Where something was found, what it is, and what to do about it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """A spot that a person can go to.

    Attributes:
        file: the file, from the course's root; a member of an archive follows a `!`.
        cell: the cell's grade_id, where it has one.
        number: the cell's position, from 1; 0 outside of notebooks.
        part: what of it: source, outputs, metadata, ….
    """

    file: str
    cell: str = ""
    number: int = 0
    part: str = ""

    def __str__(self) -> str:
        words = [self.file]
        if self.number:
            words.append(f"cell {self.number}" + (f" ({self.cell})" if self.cell else ""))
        if self.part:
            words.append(self.part)
        return ", ".join(words)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person must mend before students get the assignment.

    Attributes:
        approval: what to write into shown.toml where the lesson means to show it; empty where that is no way out.
    """

    place: Place
    reason: str
    remedy: str = ""
    approval: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}" + (f"; {self.remedy}" if self.remedy else "")


@dataclass(slots=True)
class Contents:
    """What a folder or a bundle holds.

    Attributes:
        texts: every text with its place, and whether it belongs to the course's own packages.
        images: pictures, which only a person can read.
        opaque: files that can't be read here.
        findings: what has no place there.
    """

    texts: list[tuple[Place, str, bool]] = field(default_factory=list)
    images: list[Place] = field(default_factory=list)
    opaque: list[Place] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, place: Place, reason: str, remedy: str) -> None:
        """Note what has no place there."""
        self.findings.append(Finding(place, reason, remedy))
