"""Where a test may let an object of the student's decide: where the master's own solution does.

A test that compares `v + w` with `Vector(3, 4)` asks the student's class, as it has to. A test that compares a number
with what came must not: an object that is equal to everything would pass. From outside the two look alike; what tells
them apart is the master's own solution, which gives an object there, or a number. So its uses are noted, by the line
of the test, the operation and the name of the object's class, and a submission may use its objects in the same places.
The class has to be one that the exercise asks for: an object of a library's that lives in the student's process could
be anything that calls itself so. The one exception is a mask of NumPy's, which makes every value right: it stays where
the solution gives a masked array, and is taken off elsewhere.
"""

import numbers
from collections.abc import Collection
from dataclasses import dataclass, field

from closed_doors.grading.protocol.messages import ObjectUse

MASKED_ARRAY = "numpy.ma.MaskedArray"  # no class of a notebook has a dot in its name
# What contextlib makes of a generator ends an error of the test's where the solution's does, and decides nothing else.
FILE = "os.file"
_OF_LIBRARIES = (MASKED_ARRAY, FILE, "_GeneratorContextManager", "_AsyncGeneratorContextManager")


def kind_of_other(other: object) -> str:
    """Return of what kind something is that an object of the student's may decide about.

    No finer than that: an int or a float, a list or a tuple may stand there by what a right answer gives.
    """
    if isinstance(other, numbers.Number):
        return "number"
    return "text" if isinstance(other, str | bytes) else "none" if other is None else "other"


@dataclass(slots=True)
class ObjectUses:
    """The uses of one examination.

    Attributes:
        allowed: those of the master's own solution; None while that solution itself is examined.
        classes: the names that the master's solutions define.
        noted: those that were made.
    """

    allowed: frozenset[ObjectUse] | None = frozenset()
    classes: Collection[str] = ()
    noted: set[ObjectUse] = field(default_factory=set)

    def asks_for(self, type_name: str) -> bool:
        """Whether the exercise asks for a class of this name."""
        return type_name in self.classes

    def may(self, use: ObjectUse) -> bool:
        """Whether an object may decide here."""
        if self.allowed is not None:
            return use in self.allowed
        if use.type_name not in self.classes and use.type_name not in _OF_LIBRARIES:
            return False
        self.noted.add(use)
        return True
