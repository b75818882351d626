"""The driver's small course serves here too."""

from tests.grading.driver.conftest import class_of_four, course, registered

__all__ = ["class_of_four", "course", "registered"]
