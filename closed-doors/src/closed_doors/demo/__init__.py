"""The demo class: invented students, their answers, and the whole nbgrader cycle played with them."""
