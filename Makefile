# Everything a newcomer or CI runs. Each target does its own set-up in .venv: only git, make and
# Python 3.11 or newer are needed. PYTHON=python3.13 picks another interpreter.
PYTHON ?= python3
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet

.PHONY: demo test check format lint types imports audit bench lock clean

demo: .venv/run ## the main job on the sample community, or on ARCHIVE=path
	$(BIN)/groundswell demo $(if $(ARCHIVE),"$(ARCHIVE)")

test: .venv/dev ## the tests, side by side; one alone: .venv/bin/pytest tests/test_demo.py
	$(BIN)/pytest -n auto --dist loadfile

check: .venv/dev lint types imports test ## what CI holds: format, lint, types, import rules, tests

format: .venv/dev ## put the code into its one form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/dev
	$(BIN)/mypy

imports: .venv/dev
	$(BIN)/lint-imports

audit: .venv/dev ## known vulnerabilities among what we pin
	$(BIN)/pip-audit --requirement requirements/run.txt --require-hashes --disable-pip

bench: .venv/bench ## every figure in the README
	$(BIN)/python -m benchmarks

lock: .venv/dev ## resolve the requirements anew: hashes, no index addresses
	$(LOCK) $(LOCK_FLAGS) --group build --output-file requirements/run.txt
	$(LOCK) $(LOCK_FLAGS) --group dev --output-file requirements/dev.txt
	$(LOCK) $(LOCK_FLAGS) --group dev --group bench --output-file requirements/bench.txt

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist

# A stamp per set of requirements: made again only when its lock file changes. The locks are
# complete, so --no-deps keeps anything that is not pinned by hash from slipping in.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Groundswell needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run .venv/dev .venv/bench: .venv/%: requirements/%.txt pyproject.toml .venv/bin/python
	@echo "Setting up .venv from $< (a minute, once)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
