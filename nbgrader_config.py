"""The course's nbgrader settings; every folder is nbgrader's default unless named here."""

from grading.host.pages import template_folders

c = get_config()  # noqa: F821  (nbgrader defines it)

c.CourseDirectory.course_id = "masque-causal"
c.CourseDirectory.solution_directory = "solutions"

c.ClearSolutions.code_stub = {"python": "# VOTRE CODE ICI\nraise NotImplementedError()"}
c.ClearSolutions.text_stub = "*Écrivez votre réponse ici.*"

# A mark scheme stands in the locked question cell, right above the answer that it marks: autograding brings
# it back for formgrader. nbgrader would otherwise allow it in task cells only.
c.ClearMarkScheme.enforce_metadata = False

# What is graded is the master with the student's answers in it, whatever else the submission changed.
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "grading.host.preprocessors.RebuildOnMaster",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Student code runs in one sandbox, grading cells in another (docs/security.md); `course doctor` says whether this
# machine can. c.ClosedDoors.open_doors = True is the way round, printed in every autograded notebook.
c.Autograde.autograde_preprocessors = [
    "grading.host.closed_doors.ClosedDoors",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "grading.host.lateness.TrustReceipts",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Late work: the time is the server's (received.csv, or when the file came into submitted/), never the student's
# timestamp.txt. A penalty of 1 point a day after a quarter of an hour would be points_per_day = 1, grace_minutes = 15.
c.AssignLatePenalties.plugin_class = "grading.host.lateness.PointsPerDay"
c.PointsPerDay.points_per_day = 0.0

# `nbgrader collect` takes from the exchange what the server saw: whose folder it is, when it came, ordinary files only.
c.ExchangeFactory.collect = "grading.host.exchange.CollectByArrival"

# Moodle writes times in the time zone of whoever downloads them (`course moodle import`).
c.Moodle.timezone = "Europe/Paris"

# Students read a page of our own, which shows neither hidden tests nor mark schemes, and runs no script. `course
# feedback` writes the same one, for a class at a time.
c.GenerateFeedback.exporter_class = "grading.reports.feedback_exporter.FeedbackExporter"
c.GenerateFeedback.preprocessors = []

# formgrader shows a submission in French, with its criteria and formulas, and under a policy that lets no script of a
# submission run (docs/decisions/0014-formgraders-pages.md).
c.HTMLExporter.extra_template_basedirs = template_folders()
c.FormgradeExtension.debug = False  # no dump of these settings on the page of assignments

# Corrected versions are published without outputs (they stay readable in git) and without hidden tests
# (they serve again next year).
c.GenerateSolution.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ClearHiddenTests",
    "grading.host.preprocessors.RemoveSolutionMarkers",
]

# The second option keeps a notice about unencrypted ports, one a submission, out of the terminal.
c.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=ERROR"]
