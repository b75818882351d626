"""The course's nbgrader settings; every folder is nbgrader's default unless named here."""

from closed_doors.nbgrader.configuration import close_doors

c = get_config()  # noqa: F821  (nbgrader defines it)
close_doors(c)

c.CourseDirectory.course_id = "masque-causal"
c.CourseDirectory.solution_directory = "solutions"

c.ClearSolutions.code_stub = {"python": "# VOTRE CODE ICI\nraise NotImplementedError()"}
c.ClearSolutions.text_stub = "*Écrivez votre réponse ici.*"

# Late work costs nothing here. A penalty of 1 point a day after a quarter of an hour would be points_per_day = 1,
# grace_minutes = 15.
c.PointsPerDay.points_per_day = 0.0

# Moodle writes times in the time zone of whoever downloads them (`course moodle import`).
c.Moodle.timezone = "Europe/Paris"
