# Everything that people and CI do with Faza; `make` alone lists it.
# A Debian machine with make, git and Python 3.11 is enough: the rest is installed from here.

SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:

PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --require-hashes
PYTEST := $(PY) -m pytest --numprocesses=2 --dist=load
MANAGE := FAZA_HOME=.make/home $(PY) manage.py
DIST := faza/ui/static/ui/dist/.vite/manifest.json
FRONTEND := $(wildcard faza/ui/*.py faza/cabinet/*.py faza/cabinet/*/*.py faza/desk/*.py faza/desk/*/*.py faza/*/templates/*/*.html faza/*/templates/*/*/*.html faza/*/templates/*/*/*/*.html frontend/*.json frontend/*.ts frontend/build/* $(foreach deep,* */* */*/*,frontend/src/$(deep)))
PO := $(wildcard faza/locale/*/LC_MESSAGES/*.po)

# Neither the locale nor the caller's Python settings change what happens; hundreds of processes of
# the tests begin with modules that are compiled already.
export LC_ALL := C.UTF-8
export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE DJANGO_SETTINGS_MODULE

.PHONY: help setup demo test fuzz soak chaos load check bench format lock dist fresh screenshots clean runtime develop

help: ## this list
	@$(PYTHON) -c 'import re; print(*(f"make {n:12} {t}" for n, t in re.findall(r"(?m)^([a-z-]+):.*?## (.*)", open("Makefile").read())), sep="\n")'

setup: develop ## environment, front end, messages: all that the other targets need

demo: runtime ## the demo grid on http://127.0.0.1:8000; ARGS="--port 8001", ARGS=--prepare
	.venv/bin/faza demo $(ARGS)

test: develop ## all tests on PostgreSQL, those of the database on SQLite too; ARGS="-k import"
	@$(PYTHON) tools/debian.py postgresql chromium fonts-liberation mosquitto nginx-light
	tools/npm.sh test --silent -- --passWithNoTests
	$(PY) tools/with_postgres.py $(PYTEST) $(ARGS)
	DATABASE_URL=sqlite:/// $(PYTEST) --only-database $(ARGS)

fuzz: .make/fuzzers ## odd bytes at every parser, FUZZ_SECONDS=60 for each; ARGS="table laws"
	$(PY) -m tests.fuzz $(ARGS)

soak: develop ## 200 meters with faults, 30 days, collectors killed; ARGS="sqlite --meters 20 --days 5"
	@$(PYTHON) tools/debian.py postgresql mosquitto
	$(PY) -m tests.soak $(ARGS)

chaos: develop ## web, worker, collector, database killed under load, 20 rounds; ARGS="sqlite --rounds 5"
	@$(PYTHON) tools/debian.py postgresql mosquitto
	$(PY) -m tests.chaos $(ARGS)

load: .make/load ## an evening's peak over 1,000 and 100,000 points; ARGS="--points 1000 --seconds 30"
	@$(PYTHON) tools/debian.py postgresql
	$(PY) -m tests.load $(ARGS)

check: develop ## format, lint, types, arrows between rooms, migrations, templates, messages, front end
	$(PY) -m ruff format --check --quiet .
	$(PY) -m ruff check --quiet .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(MANAGE) check --fail-level WARNING
	FAZA_URL=https://faza.example FAZA_HOSTS=faza.example $(MANAGE) check --deploy --fail-level WARNING
	$(MANAGE) makemigrations --check --dry-run
	$(PY) -m djlint --lint --quiet faza
	$(PY) tools/messages.py check
	tools/npm.sh run check

format: develop ## put the sources in the one form that `make check` accepts
	$(PY) -m ruff check --quiet --fix .
	$(PY) -m ruff format --quiet .

bench: develop ## the table of docs/performance.md, measured here; ARGS="ingest pages"
	@$(PYTHON) tools/debian.py postgresql
	$(PY) tools/with_postgres.py --durable .venv/bin/faza bench --page docs/performance.md $(ARGS)

screenshots: develop ## pictures of the demo's pages, light and dark, narrow and wide; docs/images
	@$(PYTHON) tools/debian.py chromium fonts-liberation
	@mkdir -p docs/images
	$(PY) tools/screenshots.py $(ARGS)

lock: .make/venv ## write requirements/*.txt anew from requirements/*.in
	@tools/lock.sh $(ARGS)

dist: develop ## dist/: a wheel and a source archive that need no Node.js, and the exact versions
	$(PY) tools/dist.py

fresh: ## prove on a clone of HEAD that `make demo` and `make test` need nothing installed before
	$(PYTHON) tools/fresh.py

clean: ## remove what was made here, but not var/, where the data are
	rm -rf .venv .make build dist frontend/node_modules faza/ui/static/ui/dist faza/locale/*/LC_MESSAGES/*.mo
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# The stamps in .make/ say what is done already; a second run is immediate.

runtime: .venv/bin/faza $(DIST) .make/messages

develop: .make/dev runtime

.make/venv: tools/venv.py
	@$(PYTHON) tools/venv.py .venv
	@mkdir -p .make && touch $@

.make/base: requirements/base.txt .make/venv
	@echo "Installing what Faza runs on"
	@$(PIP) -r requirements/base.txt
	@touch $@

.make/dev: requirements/dev.txt .make/base
	@echo "Installing what tests and checks need"
	@$(PIP) -r requirements/dev.txt
	@touch $@

.make/fuzzers: requirements/fuzz.txt .make/dev
	@echo "Installing the fuzzer"
	@$(PIP) -r requirements/fuzz.txt
	@touch $@

.make/load: requirements/load.txt .make/dev
	@echo "Installing what makes load"
	@$(PIP) -r requirements/load.txt
	@touch $@

.venv/bin/faza: tools/link.py .make/base
	@$(PY) tools/link.py

.make/npm: frontend/package.json frontend/package-lock.json tools/npm.sh .make/venv
	@echo "Installing the front end's packages"
	@tools/npm.sh ci --loglevel=error --no-audit --no-fund
	@touch $@

$(DIST): .make/npm $(FRONTEND)
	@echo "Building the front end"
	@tools/npm.sh run build --silent -- --logLevel error
	@touch $@

.make/messages: $(PO) $(wildcard tools/messages.py) .make/base
	@$(PY) tools/messages.py compile
	@touch $@
