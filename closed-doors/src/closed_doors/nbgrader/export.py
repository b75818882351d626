"""`nbgrader export`, with final marks as they follow from what is stored; nbgrader_config.py names it."""

from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

from closed_doors.core.layout import CONFIG_NAME
from closed_doors.nbgrader.final_marks import bring_up_to_date
from closed_doors.nbgrader.settings import read_settings


class UpToDateCsv(CsvExportPlugin):  # type: ignore[misc]
    """nbgrader's grades.csv, written after stored penalties are brought up to date."""

    def export(self, gradebook: Gradebook) -> None:
        """Write the file; nbgrader calls it."""
        directory = self.parent.coursedir
        if Path(directory.root, CONFIG_NAME).is_file():
            settings = read_settings(Path(directory.root), directory.db_url)
            names = [assignment.name for assignment in gradebook.assignments]
            gradebook.db.rollback()  # what was read is read again
            for name in names:
                bring_up_to_date(settings, name)
        super().export(gradebook)
