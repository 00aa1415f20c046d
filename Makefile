# Everything runs in an environment of its own, .venv, which the first target to need it
# makes. PYTHON chooses the interpreter it is made with.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: html test check clean

html: .venv/docs.installed
	$(BIN)/python -m sphinx -n -W --keep-going -b html -d docs/_build/doctrees docs docs/_build/html
	@echo "The site is docs/_build/html/index.html"

test: .venv/test.installed
	$(BIN)/python -m ruff check .
	$(BIN)/python -m pytest -m "not site"

check: .venv/test.installed html
	$(BIN)/python -m pytest -m site

clean:
	rm -rf docs/_build docs/auto_gallery docs/reference/generated docs/reference/backreferences

# One stamp for each extra that is installed; a new version or dependency installs anew.
.venv/%.installed: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) install --constraint constraints.txt --editable ".[$*]"
	@touch $@

.venv/bin/python:
	$(PYTHON) -m venv .venv
