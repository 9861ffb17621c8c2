# make demo   set up and run the main job on a published patient
# make test   set up and run every check
# make oracles  install R and ask its packages again for the numbers that make test compares with
# make docs   build the pages into site/
# make lint   ruff and mypy only
# make bits   play every shipped case and compare its bits; an Arm build too where qemu-aarch64 is there
# make wheels release wheels of every system, cross-compiled
# make lock   refresh the two lock files (needs uv)
# make clean  remove what the others made
#
# Needs make and Python 3.11 or later, and the package index for the first set-up. The kernel is built in set-up by the C++
# compiler that is there ($CC, g++, clang), or by one of the package index. Nothing is installed outside .venv, but
# for Chromium and PostgreSQL, which `make test` installs with apt-get where it may; `make test BROWSER=no` and
# `make test POSTGRES=no` leave out the tests that need them.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python python3.11 python3.12 python3.13 python3.14; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
PIP_INSTALL := $(PIP) install --no-compile   # Python compiles what it imports, when it first does: 40 s and 150 MB less
BROWSER ?= yes
POSTGRES ?= yes
JOBS ?= 2
LEFT_OUT = $(strip $(if $(filter no,$(BROWSER)),browser) $(if $(filter no,$(POSTGRES)),postgres))
MARK = $(if $(LEFT_OUT),-m "not $(firstword $(LEFT_OUT))$(if $(word 2,$(LEFT_OUT)), and not $(word 2,$(LEFT_OUT)))")

unexport PYTHONDONTWRITEBYTECODE   # every start would compile all that it imports again

.PHONY: demo test bits wheels oracles docs lint lock clean chromium postgres
.DEFAULT_GOAL := demo

demo: $(VENV)/.runs
	@$(BIN)/perfuse run eolia-vv --out out/demo
	@echo
	@echo "The report is at $(CURDIR)/out/demo/report.html: open it in any browser, no network needed."

test: $(VENV)/.tests chromium postgres
	@status=0; \
	echo "ruff";  $(BIN)/ruff check . || status=1; \
	$(BIN)/ruff format --check --quiet . || { echo "ruff format would change files: run $(BIN)/ruff format ."; status=1; }; \
	echo "mypy";  $(BIN)/mypy || status=1; \
	echo "docs";  $(MAKE) --no-print-directory docs || status=1; \
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(MARK) || status=$$?; \
	[ $$status -eq 0 ] || echo "make test: a check failed, see above"; \
	exit $$status

bits: $(VENV)/.tests
	@$(BIN)/python tools/bits.py
	@$(BIN)/python tools/arm_bits.py

wheels: $(VENV)/.tests
	@$(BIN)/python tools/wheels.py

oracles: $(VENV)/.tests
	@tools/system.sh r
	@$(BIN)/python -m pytest tests/oracles/rerun_r.py

lint: $(VENV)/.tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.tests
	@$(BIN)/python docs/make_reference.py
	@$(BIN)/zensical build --clean --strict

lock:
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --all-extras pyproject.toml -o requirements-dev.lock
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate -c requirements-dev.lock pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) out site dist build src/perfuse/engine/built docs/reference .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# -- set-up, each step once ------------------------------------------------------------------------------------------------

$(VENV)/bin/python:
	@[ -n "$(PYTHON)" ] || { echo "perfuse needs Python 3.11 or later, and none was found on PATH."; \
		echo "Install one, or name it: make demo PYTHON=/path/to/python3.12"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "perfuse needs Python 3.11 or later; $(PYTHON) is not one (`"$(PYTHON)" --version 2>/dev/null || echo not found`)."; exit 1; }
	@echo "making $(VENV) with `"$(PYTHON)" --version`"
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
		echo "This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.runs: $(VENV)/bin/python requirements.lock pyproject.toml hatch_build.py
	@echo "installing what a run needs (650 MB on disk) and building the kernel, the first time only"
	@$(PIP_INSTALL) --require-hashes -r requirements.lock
	@$(PIP_INSTALL) --no-deps --editable .
	@touch $@

$(VENV)/.tests: $(VENV)/.runs requirements-dev.lock
	@echo "installing what the checks need"
	@$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

chromium:
	@[ "$(BROWSER)" = no ] || tools/system.sh chromium

postgres:
	@[ "$(POSTGRES)" = no ] || tools/system.sh postgres
