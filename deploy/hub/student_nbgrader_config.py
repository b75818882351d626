"""nbgrader in students' servers: where they hand in, and to which course. It goes to STUDENTS/etc/jupyter."""

c = get_config()  # noqa: F821  (nbgrader defines it)

c.CourseDirectory.course_id = "masque-causal"
c.Exchange.root = "/srv/exchange"
