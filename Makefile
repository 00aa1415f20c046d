# Everything runs in an environment of its own, .venv, which the first target to need it
# makes. PYTHON chooses the interpreter it is made with.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# A copied or moved project brings an environment that knows where the first copy lies. So
# the environment also names the project relative to itself, before pip's own entry, and
# whatever make runs finds the package beside this file.
export PYTHONPATH := $(CURDIR)
THIS_COPY := "import pathlib, sysconfig; \
  pathlib.Path(sysconfig.get_path('purelib'), '__this_copy.pth').write_text('../../../..')"

# One after the other, under make -j too: they share an environment and a site.
.NOTPARALLEL:

.PHONY: html test check bench study clean

html: .venv/docs.installed
	$(BIN)/python docs/_ext/rnnedu_site/build.py
	@echo "The site is docs/_build/html/index.html"

# Two processes, each with whole files of tests, which share what is costly to set up.
test: .venv/test.installed
	$(BIN)/python -m ruff check .
	$(BIN)/python -m pytest -m "not site and not bench" -n 2 --dist loadfile

check: .venv/test.installed html
	$(BIN)/python -m pytest -m site -n 2 --dist loadfile

# One thread each, so that contenders are compared on the same footing.
bench: export OMP_NUM_THREADS = 1
bench: export OPENBLAS_NUM_THREADS = 1
bench: export TF_NUM_INTRAOP_THREADS = 1
bench: export TF_NUM_INTEROP_THREADS = 1
bench: .venv/bench.installed
	@mkdir -p build
	$(BIN)/python -m pytest -m bench --benchmark-json=build/pytest-benchmark.json
	$(BIN)/python tests/bench/report.py build/pytest-benchmark.json build/bench.json

# Every network from 20 seeds on all cores; goes on where it stopped.
study: .venv/docs.installed
	$(BIN)/python -m rnnedu study --seeds 20 --output rnnedu/seed_study.csv

clean:
	rm -rf build docs/_build docs/auto_gallery docs/reference/generated docs/reference/backreferences

# One stamp for each extra that is installed; a new version or dependency installs anew.
# An install that was killed may have left half a package: then the environment is made
# again. One that pip itself gave up, offline say, costs nothing that was there.
#
# One make at a time installs: the folder .venv.lock says which. A second one waits for it,
# or for nobody if that process is gone, and then finds the stamp there.
.venv/%.installed: pyproject.toml constraints.txt
ifndef ALONE
	@until mkdir .venv.lock 2>/dev/null; do \
	  [ -d .venv.lock ] || [ -w . ] || { echo "$(CURDIR) cannot be written."; exit 1; }; \
	  kill -0 "$$(cat .venv.lock/pid 2>/dev/null || echo $$$$)" 2>/dev/null || \
	    { rm -rf .venv.lock; continue; }; \
	  [ "$$told" ] || echo "Another make installs into .venv: waiting for its end."; \
	  told=1; sleep 1; done; \
	echo $$$$ > .venv.lock/pid; trap 'rm -rf .venv.lock' EXIT; trap 'exit 130' INT TERM; \
	$(MAKE) --no-print-directory ALONE=1 $@
else
	@if [ -e .venv/installing ]; then \
	  echo "An install was broken off: .venv is made again."; rm -rf .venv; fi
	@[ -x $(BIN)/python ] || $(MAKE) --no-print-directory $(BIN)/python
	@touch .venv/installing
	$(PIP) install --constraint constraints.txt --editable ".[$*]" || \
	  { rm .venv/installing; exit 1; }
	@$(BIN)/python -c $(THIS_COPY)
	@rm .venv/installing
	@touch $@
endif

# An interpreter that will not do is refused before it can leave half an environment.
.venv/bin/python:
	@$(PYTHON) -c "import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else \
	  'Python 3.11, 3.12 or 3.13 is needed; $(PYTHON) is ' + sys.version.split()[0] + \
	  '. Fix: name one, as in: make html PYTHON=python3.12')"
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }
