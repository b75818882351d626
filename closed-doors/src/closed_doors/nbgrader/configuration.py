"""What an nbgrader course needs in its nbgrader_config.py to be graded behind closed doors, in one call.

    c = get_config()
    from closed_doors.nbgrader.configuration import close_doors
    close_doors(c)

Whatever the course sets itself afterwards wins. Loads nothing of nbgrader.
"""

from typing import TYPE_CHECKING

from closed_doors.nbgrader.formgrader_templates import template_folders

if TYPE_CHECKING:
    from traitlets.config.loader import Config


def close_doors(c: "Config") -> None:
    """Put closed-door grading, its lateness rule and its pages into a course's settings.

    Args:
        c: the configuration that `get_config()` gives inside nbgrader_config.py.
    """
    # What is graded is the master with the student's answers in it, whatever else the submission changed.
    c.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.ClearOutput",
        "closed_doors.nbgrader.preprocessors.RebuildOnMaster",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    # nbgrader's own steps; the code that students need not read is folded, and the end says where feedback will be.
    c.GenerateAssignment.preprocessors = [
        "nbgrader.preprocessors.IncludeHeaderFooter",
        "nbgrader.preprocessors.InstantiateTests",
        "nbgrader.preprocessors.LockCells",
        "nbgrader.preprocessors.ClearSolutions",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.CheckCellMetadata",
        "nbgrader.preprocessors.ComputeChecksums",
        "nbgrader.preprocessors.SaveCells",
        "nbgrader.preprocessors.ClearHiddenTests",
        "nbgrader.preprocessors.ClearMarkScheme",
        "nbgrader.preprocessors.ComputeChecksums",
        "closed_doors.nbgrader.preprocessors.FoldCode",
        "closed_doors.nbgrader.preprocessors.SayWhereFeedbackIs",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    # Student code runs in one sandbox, grading cells in another; `course doctor` says whether this machine can.
    # c.ClosedDoors.open_doors = True is the way round, printed in every autograded notebook.
    c.Autograde.autograde_preprocessors = [
        "closed_doors.classroom.served_button.ServedClosedDoors",
        "nbgrader.preprocessors.LimitOutput",
        "closed_doors.nbgrader.saved_marks.SaveMarks",
        "closed_doors.nbgrader.lateness.TrustReceipts",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    # The time is the server's (received.csv, or when the file came into submitted/), never the student's timestamp.txt.
    c.AssignLatePenalties.plugin_class = "closed_doors.nbgrader.lateness.PointsPerDay"
    c.PointsPerDay.points_per_day = 0.0
    # `nbgrader export` first brings penalties to what due dates, extensions, the rule and marks by hand make them now.
    c.ExportApp.plugin_class = "closed_doors.nbgrader.export.UpToDateCsv"
    # `nbgrader collect` takes from the exchange what the server saw: whose folder it is, when it came, ordinary files.
    c.ExchangeFactory.collect = "closed_doors.nbgrader.exchange.CollectByArrival"
    # Students read a page of our own, which shows neither hidden tests nor mark schemes, and runs no script.
    c.GenerateFeedback.exporter_class = "closed_doors.pages.feedback.nbgrader_exporter.FeedbackExporter"
    c.GenerateFeedback.preprocessors = []
    # formgrader shows a submission with its criteria, under a policy that lets no script of a submission run.
    c.HTMLExporter.extra_template_basedirs = template_folders()
    c.HTMLExporter.filters = {"say": "closed_doors.nbgrader.formgrader_filter.Say"}
    c.FormgradeExtension.debug = False  # no dump of these settings on the page of assignments
    # Corrected versions are published without outputs and without hidden tests, which serve again next year.
    c.GenerateSolution.preprocessors = [
        "nbgrader.preprocessors.IncludeHeaderFooter",
        "nbgrader.preprocessors.LockCells",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.ClearMarkScheme",
        "nbgrader.preprocessors.ClearHiddenTests",
        "closed_doors.nbgrader.preprocessors.RemoveSolutionMarkers",
    ]
    # A mark scheme stands in the locked question cell, right above the answer that it marks: autograding brings
    # it back for formgrader. nbgrader would otherwise allow it in task cells only.
    c.ClearMarkScheme.enforce_metadata = False
    # The second option keeps a notice about unencrypted ports, one a submission, out of the terminal.
    c.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=ERROR"]
