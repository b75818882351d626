c = get_config()
from closed_doors.nbgrader.configuration import close_doors

close_doors(c)

c.CourseDirectory.course_id = "english"
