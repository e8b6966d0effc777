# The main commands are `make demo` and `make test`; `make` lists the others.

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
# Number of tests that run in parallel; each has separate files, ports and servers.
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest
# Write compiled modules even if the environment forbids it, because each server and command of a test imports them.
export PYTHONDONTWRITEBYTECODE :=
PARALLEL := -n $(JOBS) --dist worksteal
PIP_COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset install test test-quick test-long lint lint-js types bench bytes pictures languages texts build packages browser lock clean

help:
	@echo "make demo         a seeded demo on the next free port (HOST= and PORT= choose another)"
	@echo "make demo-reset   the same with new data"
	@echo "make test         all tests except the long ones (INSTALL=1 installs system packages)"
	@echo "make test-quick   under 45 s, without browser, PostgreSQL, servers and slow tests"
	@echo "make test-long    crash loops, load and restarts"
	@echo "make lint         ruff and mypy; tsc, eslint and prettier where npm is installed"
	@echo "make bench        run the benchmarks; writes benchmarks/results.md (ARGS=--million: also a million conversations)"
	@echo "make bytes        bytes that a page loads, compared with other products; same file (needs npm)"
	@echo "make pictures     docs/pictures again, from a new demo"
	@echo "make languages    a page with every language of the widget in every state"
	@echo "make texts        update the catalogues of the console in widget_server/translations"
	@echo "make build        static/dist from static/src (needs Node)"
	@echo "make lock         requirements/*.txt from requirements/*.in"

demo: install
	@$(BIN)/tilfreds demo

demo-reset: install
	@$(BIN)/tilfreds demo --reset

install: $(VENV)/.run-installed

$(BIN)/python:
	@python=$$(.ci/find-python) && "$$python" -m venv $(VENV)

$(VENV)/.run-installed: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing the dependencies of Tilfreds into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test-installed: requirements/test.txt $(VENV)/.run-installed
	@echo "Installing the dependencies of the tests into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

# Programs of other projects whose pages the tests put the widget into, in a separate environment.
$(VENV)/.hosts-installed: requirements/hosts.txt | $(BIN)/python
	@$(BIN)/python -m venv $(VENV)/hosts
	@$(VENV)/hosts/bin/python -m pip --disable-pip-version-check -q install --require-hashes -r requirements/hosts.txt
	@touch $@

packages:
	@.ci/packages

# The system's Chromium, or else that of Playwright.
browser: $(VENV)/.test-installed
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 || $(BIN)/python -m playwright install chromium

# The tools with which a test builds the widget. Without npm that test is skipped with a reason, and fails in CI.
static/node_modules: static/package-lock.json
	@if command -v npm >/dev/null; then \
		cd static && npm ci --silent --no-audit --no-fund && touch node_modules; \
	else \
		echo "The tests that build the widget are skipped, because npm is not installed: sudo apt install npm"; \
	fi

# A page made with React, for a single test.
tests/browser/react/node_modules: tests/browser/react/package-lock.json
	@if command -v npm >/dev/null; then \
		cd tests/browser/react && npm ci --silent --no-audit --no-fund && touch node_modules; \
	fi

# Express, for the test that runs the example of the JavaScript client.
tests/clients/express/node_modules: tests/clients/express/package-lock.json
	@if command -v npm >/dev/null; then \
		cd tests/clients/express && npm ci --silent --no-audit --no-fund && touch node_modules; \
	fi

# Chats of other products for the browser tests: a download of 10 MB, 5 MB on disk.
tests/hosts/node_modules: tests/hosts/package-lock.json tests/hosts/install.mjs
	@if command -v npm >/dev/null; then \
		node tests/hosts/install.mjs && touch $@; \
	else \
		echo "The tests beside chats of other products are skipped, because npm is not installed: sudo apt install npm"; \
	fi

# Node for the generators below, some of which need a newer one than the system's.
$(VENV)/.generators-installed: requirements/generators.txt $(VENV)/.hosts-installed
	@$(VENV)/hosts/bin/python -m pip --disable-pip-version-check -q install --require-hashes -r requirements/generators.txt
	@touch $@

# Generators of documentation for the long browser tests: 1.2 GB on disk.
tests/hosts/generators/node_modules: tests/hosts/generators/package-lock.json $(VENV)/.generators-installed
	@cd tests/hosts/generators && PATH="$(abspath $(VENV)/hosts/bin):$$PATH" npm ci --ignore-scripts --silent --no-audit --no-fund && touch node_modules

HOSTS := tests/browser/react/node_modules tests/clients/express/node_modules tests/hosts/node_modules $(VENV)/.hosts-installed

test: packages
	@$(MAKE) --no-print-directory browser static/node_modules $(HOSTS)
	$(PYTEST) -m "not long" $(PARALLEL) $(ARGS)

test-quick: $(VENV)/.test-installed
	$(PYTEST) -m "not long and not browser and not postgresql and not server and not slow" --ignore tests/browser --ignore tests/faults --ignore tests/live/test_cuts.py $(PARALLEL) $(ARGS)

test-long: packages
	@$(MAKE) --no-print-directory browser static/node_modules $(HOSTS) tests/hosts/generators/node_modules
	$(PYTEST) -m long --timeout 0 -o faulthandler_timeout=0 $(ARGS)

lint: types lint-js
	$(BIN)/ruff check
	$(BIN)/ruff format --check widget_server tests benchmarks docs clients

lint-js: static/node_modules
	@if command -v npm >/dev/null; then \
		cd static && npm run --silent types && npm run --silent lint; \
	else \
		echo "The scripts are not checked, because npm is not installed: sudo apt install npm"; \
	fi

types: $(VENV)/.test-installed
	$(BIN)/mypy

$(VENV)/.bench-installed: requirements/bench.txt $(VENV)/.test-installed
	@$(BIN)/python -m venv $(VENV)/bench
	@$(VENV)/bench/bin/python -m pip --disable-pip-version-check -q install --require-hashes -r requirements/bench.txt
	@touch $@

bench: $(VENV)/.bench-installed
	$(BIN)/python -m benchmarks $(ARGS)

bytes: $(VENV)/.test-installed static/node_modules
	$(BIN)/python -m benchmarks.bytes

pictures: browser
	$(BIN)/python docs/pictures.py

languages: install
	@$(BIN)/python docs/languages.py

# A new language needs a line in LANGUAGES of widget_server/core/catalogues.py and an empty file LANGUAGE.po first.
texts: $(VENV)/.test-installed
	$(BIN)/python -m docs.texts

build: static/node_modules
	cd static && npm run build

# Locked versions stay if they still fit; UPGRADE=1 takes the newest.
lock: $(BIN)/python
	@$(BIN)/pip-compile --version >/dev/null 2>&1 || $(PIP) install pip-tools
	$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) --output-file requirements/run.txt requirements/run.in
	$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) --output-file requirements/test.txt requirements/test.in
	$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) --output-file requirements/bench.txt requirements/bench.in
	$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) --output-file requirements/hosts.txt requirements/hosts.in
	$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) --output-file requirements/generators.txt requirements/generators.in

clean:
	rm -rf $(VENV)/.run-installed $(VENV)/.test-installed $(VENV)/.hosts-installed $(VENV)/.generators-installed build dist *.egg-info tests/hosts/generators/build
