# One verb per habit; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
PYTEST_ARGS ?= -n auto --dist loadfile

.DEFAULT_GOAL := help

.PHONY: help
help:  ## List the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

define environment
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
	       "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV): one to three minutes and 1.8 GB on disk (see README, \"Requirements\")."
	$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --retries 1 --no-deps --index-url $(TORCH_INDEX) \
	  "$$(grep '^torch==' requirements.lock)" || echo "$(TORCH_INDEX) gives no PyTorch: pip takes the package" \
	  "index's build, on Linux with gigabytes for graphics cards. TORCH_INDEX=… names another index." >&2
endef

define switch-on
	@install -D -m 644 closed-doors/src/closed_doors/nbgrader/closed-doors.json -t $(VENV)/etc/jupyter/jupyter_server_config.d
endef

$(STAMP): requirements.lock pyproject.toml closed-doors/pyproject.toml
	$(environment)
	$(BIN)/python -m pip install --quiet --progress-bar on -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps -e closed-doors -e .
	$(switch-on)
	@touch $@

.PHONY: setup
setup: $(STAMP)  ## Make .venv with all that developing takes, and install the course in it

.PHONY: setup-grader
setup-grader:  ## Make .venv with what grading takes, and nothing for developing
	$(environment)
	$(BIN)/python -m pip install --quiet --progress-bar on -c requirements.lock -e 'closed-doors[lab,serve,torch]' -e .
	$(switch-on)

.PHONY: demo
demo: $(STAMP)  ## Play a whole class, from release to marks, in scratch/demo
	@$(BIN)/course demo

.PHONY: schema
schema: $(STAMP)  ## Write the published form of verdict files anew
	@$(BIN)/python -c 'import json; from closed_doors.grading.verdict.verdict_file import verdict_schema; \
	  print(json.dumps(verdict_schema(), ensure_ascii=False, indent=1))' > closed-doors/docs/verdict.schema.json

.PHONY: diagram
diagram: $(STAMP)  ## Draw the grader's rooms anew, from its imports
	@$(BIN)/python closed-doors/docs/draw_rooms.py

.PHONY: lab
lab: $(STAMP)  ## Open JupyterLab on the course (formgrader, assignment list, Validate)
	$(BIN)/jupyter lab

.PHONY: test
test: $(STAMP)  ## Run all tests
	$(BIN)/pytest $(PYTEST_ARGS)

.PHONY: lint
lint: $(STAMP)  ## Style (ruff), complexity (complexipy), who imports whom (import-linter), types (mypy)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/complexipy
	$(BIN)/lint-imports
	$(BIN)/mypy

.PHONY: format
format: $(STAMP)  ## Let ruff format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: sync
sync: $(STAMP)  ## Bring masters/*.py and source/*.ipynb to the same text
	@$(BIN)/course sync

.PHONY: release
release: sync  ## Generate, scan and try release/, solutions/ and the students' zips in dist/
	@$(BIN)/course release

.PHONY: site
site: $(STAMP)  ## Build the course's website in build/site (plays each lesson that has changed: minutes)
	@$(BIN)/python website/build.py

.PHONY: model
model: $(STAMP)  ## Train the small model anew in build/conteur (one thread, ten to twenty minutes)
	@PYTHONPATH=model $(BIN)/python -m conteur.training

.PHONY: lesson
lesson: $(STAMP)  ## Pack the lesson on the small model for students in dist/, once generation has closed
	@$(BIN)/python model/hand_out.py

.PHONY: quality
quality: $(STAMP)  ## Try every assignment's tests on labelled answers and on mutants of the solutions
	@for each in $(notdir $(wildcard source/*)); do \
	  $(BIN)/course quality $$each || failed=1; $(BIN)/course mutate $$each || failed=1; done; exit $${failed:-0}

.PHONY: bench
bench: $(STAMP)  ## Print the benchmarks' ratios
	$(BIN)/python benchmarks/attention_overhead.py
	$(BIN)/python benchmarks/attention_costs.py
	$(BIN)/python closed-doors/benchmarks/one_submission.py
	$(BIN)/python closed-doors/benchmarks/class_grading.py
	$(BIN)/python closed-doors/benchmarks/feedback_pages.py
	$(BIN)/python closed-doors/benchmarks/hint_cost.py
	$(BIN)/python closed-doors/benchmarks/desk_answers.py
	$(BIN)/python closed-doors/benchmarks/covert_channels.py --pairs 100 --slots 100

.PHONY: screenshots
screenshots: $(STAMP)  ## Make the documentation's pictures (needs Chromium)
	SCREENSHOTS=docs/images $(BIN)/pytest -m browser tests/browser

.PHONY: lock
lock: $(STAMP)  ## Write requirements.lock anew (TORCH=2.13.0 names torch's version)
	@echo "torch==$(or $(TORCH),2.13.0)" > $(VENV)/constraints.txt
	@echo "soupsieve<3  # later ones refuse Debian 12's Python 3.11.2" >> $(VENV)/constraints.txt
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --extra dev --no-header --no-annotate \
	  --no-emit-find-links --no-emit-index-url -c $(VENV)/constraints.txt -o $(VENV)/requirements.lock pyproject.toml
	{ sed -n '/^#/p' requirements.lock; sed -e '/^#/d' -e '/^$$/d' -e 's/+cpu$$//' $(VENV)/requirements.lock; } > $(VENV)/lock
	mv $(VENV)/lock requirements.lock

.PHONY: clean
clean:  ## Remove the environment, caches and scratch course roots
	rm -rf $(VENV) scratch .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .complexipy_cache
