"""A JupyterHub with one course on it: students work, hand in and are graded as they do; the staff marks in formgrader.

What differs from hub to hub stands in hub.toml beside this file (README.md explains each line). Students have an
environment of their own, without the grader, without instructor's tools and without the course's answers.
"""

import tomllib
from pathlib import Path

c = get_config()  # noqa: F821  (JupyterHub defines it)

facts = tomllib.loads(Path(__file__).with_name("hub.toml").read_text(encoding="utf-8"))
course, root = facts["course"], Path(facts["root"])
staff_bin, student_bin = Path(facts["staff_environment"], "bin"), Path(facts["student_environment"], "bin")

# Who is who: accounts of this machine, by their passwords. Whoever is not named here is a student.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allow_all = True
c.Authenticator.admin_users = set(facts["administrators"])
c.JupyterHub.bind_url = facts["address"]
c.JupyterHub.db_url = f"sqlite:///{Path(facts['state'], 'jupyterhub.sqlite')}"
c.JupyterHub.cookie_secret_file = str(Path(facts["state"], "cookie_secret"))
c.ConfigurableHTTPProxy.command = facts["proxy"]
c.ConfigurableHTTPProxy.pid_file = str(Path(facts["state"], "proxy.pid"))

# Students' servers run as their own accounts, in the students' environment.
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = [str(student_bin / "jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"
c.Spawner.notebook_dir = "~"
c.Spawner.environment = {"PYTHONPATH": facts["modules"], "PATH": f"{student_bin}:/usr/local/bin:/usr/bin:/bin"}

# formgrader, the instructor's tools and the grader: a server in the course's folder, as the account that owns it.
service = f"formgrader-{course}"
c.JupyterHub.load_groups = {service: {"users": list(facts["staff"])}}
c.JupyterHub.services = [
    {
        "name": service,
        "url": f"http://127.0.0.1:{facts['formgrader_port']}",
        "command": [str(staff_bin / "jupyterhub-singleuser"), "--ServerApp.root_dir", str(root)],
        "user": facts["grader"],
        "cwd": str(root),
        "environment": {"JUPYTERHUB_DEFAULT_URL": "/formgrader", "PATH": f"{staff_bin}:/usr/local/bin:/usr/bin:/bin"},
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": ["inherit"],
    },
    {
        "name": f"serve-{course}",
        "command": [str(staff_bin / "course"), "--root", str(root), "serve"],
        "user": facts["grader"],
        "cwd": str(root),
    },
]
c.JupyterHub.load_roles = [
    # Nobody but the staff gets to formgrader; by default every user may go to every service.
    {"name": "user", "scopes": ["self"]},
    {"name": f"{service}-staff", "groups": [service], "scopes": ["self", f"access:services!service={service}"]},
    {"name": f"{service}-service", "services": [service], "scopes": ["read:users!user", "read:groups"]},
]
