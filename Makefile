# Two commands: `make demo` and `make test`. Everything else serves the people who work on it.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python3.14 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: demo test check format lint types contracts unit bench crash crash-live machine latency edge candidates sweep faults load soak gallery docs clean leaks

demo: $(VENV)/.installed
	@$(BIN)/driftdeck demo $(ARGS)
	@echo "your own basket next: '. $(BIN)/activate', then 'driftdeck demo --config mine.toml' (README)"

test: check

check: $(VENV)/.dev lint types contracts unit

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

unit: $(VENV)/.dev
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "driftdeck needs Python 3.11 or newer on the PATH: install it, or run 'make PYTHON=/path/to/python3.11 demo'." >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv module: install it (Debian, Ubuntu: 'apt install python3-venv') and run make again." >&2; exit 2; }
	@echo "making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing (once, about a minute)"
	@PIP_CONSTRAINT=constraints.txt $(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
	@PIP_CONSTRAINT=constraints.txt $(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@

bench: $(VENV)/.bench
	@PYTHONPATH=.:tests $(BIN)/python tests/bench/bench_correlation.py $(ARGS)
	@PYTHONPATH=.:tests $(BIN)/python tests/bench/bench_warm_start.py
	@PYTHONPATH=.:tests $(BIN)/python tests/bench/bench_backtest.py
	@PYTHONPATH=.:tests $(BIN)/python tests/bench/bench_builder.py
	@PYTHONPATH=.:tests $(BIN)/python tests/bench/bench_cockpit.py

faults: $(VENV)/.dev
	@PYTHONPATH=.:tests $(BIN)/python -m support.fault_table $(ARGS)

load: $(VENV)/.dev
	@PYTHONPATH=.:tests $(BIN)/python -m support.load_run $(ARGS)

soak: $(VENV)/.dev
	@PYTHONPATH=.:tests $(BIN)/python -m support.soak $(ARGS)

edge: $(VENV)/.dev
	@PYTHONPATH=.:tests $(BIN)/python -m support.known_answer $(ARGS)

sweep: $(VENV)/.dev
	@PYTHONPATH=.:tests $(BIN)/python -m support.sweep_race $(ARGS)

candidates: $(VENV)/.dev
	@PYTHONPATH=.:tests $(BIN)/python -m support.better_rules

crash: $(VENV)/.dev
	@PYTHONPATH=.:tests $(BIN)/python -m support.crash_points $(ARGS)

gallery: $(VENV)/.dev
	@PYTHONPATH=.:tests $(BIN)/python -m support.gallery $(ARGS)

crash-live: $(VENV)/.dev
	@PYTHONPATH=.:tests $(BIN)/python -m support.live_crash $(ARGS)

leaks: $(VENV)/.dev
	@PYTHONPATH=.:tests $(BIN)/python -m support.leak_scan $(ARGS)

machine: $(VENV)/.dev
	@PYTHONPATH=.:tests $(BIN)/python -m support.order_machine_play $(ARGS)

latency: $(VENV)/.dev
	@PYTHONPATH=.:tests $(BIN)/python -m support.fill_latency $(ARGS)

docs: $(VENV)/.dev
	$(BIN)/python docs/generate.py

$(VENV)/.bench: $(VENV)/.dev
	@PIP_CONSTRAINT=constraints.txt $(PIP) install -c constraints.txt -e '.[dev,bench]'
	-@PIP_CONSTRAINT=constraints.txt $(PIP) install vectorbt bt
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis .import_linter_cache
