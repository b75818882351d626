#!/bin/bash
# Makes what README.md describes, on a Debian or Ubuntu with nothing on it but this repository in /srv/course.
# Every step can be run again. Run as root.
set -eu
COURSE=/srv/course STUDENTS=/opt/students EXCHANGE=/srv/exchange STATE=/srv/hub GRADER=grader
CPU=${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}

# 1. Programs
apt-get update
apt-get install --yes --no-install-recommends python3-venv make libseccomp2 npm

# 2. The account that owns the course. Nobody else looks into its folder: masters, solutions and hidden tests are there.
id "$GRADER" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$GRADER"
chown -R "$GRADER:$GRADER" "$COURSE"
chmod 750 "$COURSE"

# 3. The staff's environment: the course, the grader, the hub's own server
runuser -u "$GRADER" -- make -C "$COURSE" setup-grader TORCH_INDEX="$CPU"
runuser -u "$GRADER" -- "$COURSE/.venv/bin/pip" install --quiet jupyterhub

# 4. Students' environment: Jupyter, nbgrader and the libraries of the notebooks; neither the grader nor the course
python3 -m venv "$STUDENTS"
"$STUDENTS/bin/pip" install --quiet --retries 1 --no-deps --index-url "$CPU" "$(grep '^torch==' "$COURSE/requirements.lock")" ||
  echo "$CPU gives no PyTorch: pip takes the package index's build, with gigabytes for graphics cards." >&2
"$STUDENTS/bin/pip" install --quiet -c "$COURSE/requirements.lock" \
  jupyterhub jupyterlab notebook nbgrader jupyterlab-language-pack-fr-FR matplotlib numpy pytest seaborn torch
mkdir -p "$STUDENTS/etc/jupyter"
install -m 644 "$COURSE/deploy/hub/student_nbgrader_config.py" "$STUDENTS/etc/jupyter/nbgrader_config.py"
for tool in create-assignment formgrader course-list; do
  "$STUDENTS/bin/jupyter" labextension disable --level=sys_prefix "@jupyter/nbgrader:$tool"
done
for tool in formgrader course_list; do
  "$STUDENTS/bin/jupyter" server extension disable --sys-prefix "nbgrader.server_extensions.$tool"
done

# 5. The modules that notebooks import, of the assignments that are handed out: name yours
"$COURSE/.venv/bin/course" --root "$COURSE" server "$STUDENTS/course" ${ASSIGNMENTS:-masque_causal}

# 6. The exchange: everybody writes, nobody lists what others handed in
install -d -m 777 "$EXCHANGE"
grep -q "Exchange.root" "$COURSE/nbgrader_config.py" ||
  printf '\nc.Exchange.root = "%s"\n' "$EXCHANGE" >> "$COURSE/nbgrader_config.py"

# 7. The hub's own folder, with its environment and its proxy: what runs as root is root's
install -d -m 700 "$STATE"
python3 -m venv "$STATE/env"
"$STATE/env/bin/pip" install --quiet jupyterhub
install -m 644 "$COURSE/deploy/hub/jupyterhub_config.py" "$STATE/jupyterhub_config.py"
[ -e "$STATE/hub.toml" ] || install -m 644 "$COURSE/deploy/hub/hub.toml" "$STATE/hub.toml"
npm install --prefix "$STATE" --no-audit --no-fund configurable-http-proxy
"$COURSE/.venv/bin/course" doctor
echo "Now edit $STATE/hub.toml, then: $STATE/env/bin/jupyterhub -f $STATE/jupyterhub_config.py"
