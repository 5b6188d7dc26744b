# The doors of the repository. Each sets up what it needs, once, and hands over to a command.

PYTHON ?= python3
BIN    := .venv/bin
SETUP  := pyproject.toml constraints.txt

.PHONY: doors learn test site capstone

doors:
	@echo "make learn   set up, then show your next step and take you there"
	@echo "make test    set up for maintainers, then run every check"
	@echo "make site    build the pages in site/"
	@echo "make capstone   run staybook, with everything that it needs; SERVICES=1 uses the servers on this machine"

learn: .venv/learner
	@$(BIN)/prodev next

test: .venv/maintainer
	@$(BIN)/python tests/everything.py

site: .venv/maintainer
	@$(BIN)/python -m prodev.site build

capstone: .venv/capstone
	@$(BIN)/python -m staybook_dev.run $(if $(SERVICES),--services)

.venv/capstone: $(SETUP) capstone/pyproject.toml | .venv/made
	@echo "Setting up in .venv what the capstone needs: a few minutes, this once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e . -e 'capstone[dev]'
	@touch $@

.venv/learner: $(SETUP) | .venv/made
	@echo "Setting up in .venv: a few minutes, this once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[lessons]'
	@touch $@

.venv/maintainer: $(SETUP) capstone/pyproject.toml | .venv/made
	@echo "Setting up in .venv, with everything that the checks need: a few minutes, this once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[lessons,site,celery,dev]' -e 'capstone[dev]'
	@touch $@ .venv/learner .venv/capstone

.venv/made:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name yours: make $(MAKECMDGOALS) PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is `$(PYTHON) --version`, and 3.11 is the oldest that works. Name a newer one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments. On Debian, Ubuntu and WSL: sudo apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@
