# Everything a clone needs is python3 (3.11 or newer), make and the package index.

PYTHON ?= python3
WORKERS ?= 3
JOBS ?= 2
RUNS ?= 1000000
MUTANTS ?= 1000
PYTEST_ARGS ?=
BENCH_ARGS ?=
WHEEL_ARGS ?=

# Where the demo exports to, and whether it leaves that server running: ERP=tryton KEEP=1
ERP ?=
KEEP ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
BEANCOUNT := .tools/beancount
TRYTON := .tools/tryton
RELEASE := .tools/release
DEMO := $(if $(filter tryton,$(ERP)),$(BIN)/python -m tools.tryton_demo $(if $(KEEP),--keep) build/demo,rm -rf build/demo && $(BIN)/erp-invoice demo --dir build/demo)
DEMO_NEEDS := $(if $(filter tryton,$(ERP)),.venv/.http-ready tryton,.venv/.cli-ready)

MAKEFLAGS += --no-builtin-rules
# The tests start hundreds of processes: none should compile our modules again.
export PYTHONDONTWRITEBYTECODE :=
.DELETE_ON_ERROR:
.PHONY: help demo test tryton lint format pages docs bench soak wheel release clean

help: ## say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

demo: $(DEMO_NEEDS) ## the bundled project, from loading to the ledger; ERP=tryton: to a Tryton
	$(DEMO)

test: .venv/.ready $(BEANCOUNT)/.ready tryton ## every test, with the coverage of core and edge
	rm -f .coverage .coverage.*
	ERP_TEST_BEANCOUNT="$(CURDIR)/$(BEANCOUNT)/bin" \
	    $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term $(PYTEST_ARGS)

lint: .venv/.ready ## style, types, layers, prose, and docs in step with code
	@failed=; \
	check() { echo "$$*"; "$$@" || failed="$$failed $$*;"; }; \
	check $(BIN)/ruff check .; \
	check $(BIN)/ruff format --check .; \
	check $(BIN)/mypy; \
	check $(BIN)/lint-imports; \
	check $(BIN)/python -m tools.prose; \
	check $(BIN)/python docs/generate.py --check; \
	[ -z "$$failed" ] || { echo "Failed:$$failed" >&2; exit 1; }

format: .venv/.ready ## put the code into shape
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

pages: .venv/.ready ## write the generated pages of the docs
	$(BIN)/python docs/generate.py

docs: .venv/.docs-ready pages ## write the generated pages, build the site in build/site
	$(BIN)/sphinx-build -q --nitpicky --fail-on-warning -c docs -d build/site-cache . build/site
	@echo "The site is build/site/index.html."

bench: .venv/.bench-ready ## every benchmark against its peers, into build/bench.json
	$(BIN)/python -m benchmarks.run $(BENCH_ARGS)

wheel: .venv/.ready ## some tests against the built wheel, in an environment of its own
	$(BIN)/python -m tests.wheel $(WHEEL_ARGS)

release: $(RELEASE)/.ready .venv/.ready ## build sdist and wheel in dist, check them, run the command
	rm -rf dist
	PIP_CONSTRAINT="$(CURDIR)/constraints.txt" $(RELEASE)/bin/python -m build --outdir dist .
	$(RELEASE)/bin/python -m twine check --strict dist/*
	$(BIN)/python -m tests.wheel --dist dist

soak: .venv/.ready $(BEANCOUNT)/.ready ## the long simulation, the long and the slowed runs, the mutation runs
	$(BIN)/python -m tests.simulation --runs $(RUNS) --seed 20261126 \
	    --jobs $(JOBS) --table --progress
	ERP_TEST_BEANCOUNT="$(CURDIR)/$(BEANCOUNT)/bin" \
	    $(BIN)/python -m pytest -m soak -n 0 $(PYTEST_ARGS) tests
	$(BIN)/python -m tests.operators --paths flow queue billing wire/procore \
	    --seed 20261126 --limit $(MUTANTS) --jobs $(JOBS)
	$(BIN)/python -m pytest -p tests.delays --delays 1 -n $(WORKERS) tests/worker tests/queue \
	    tests/stores tests/cli tests/testing/test_fake_erp_process.py
	$(BIN)/python -m tests.wheel --lowest
	$(BIN)/python -m tests.wheel --python 3.12
	$(BIN)/python -m tests.wheel --python 3.13

clean: ## remove everything that was built or installed here
	rm -rf .venv .tools build dist .coverage .coverage.* \
	    .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One environment in three layers, each with a stamp. The build tools are pinned like the rest,
# therefore nothing is built in an environment that the pins do not reach.

.venv/.cli-ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with: make PYTHON=...")'
	@echo "Setting up .venv"
	@$(PYTHON) -m venv .venv
	@$(PIP) install -c constraints.txt hatchling editables
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[cli]'
	@touch $@

.venv/.http-ready: .venv/.cli-ready
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[cli,http]'
	@touch $@

.venv/.ready: .venv/.cli-ready
	@echo "Adding the tools that test and check"
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[cli,testing,http,dev,examples]'
	@touch $@

.venv/.docs-ready: .venv/.ready
	@echo "Adding the tools that build the site"
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[cli,testing,dev,examples,docs]'
	@touch $@

.venv/.bench-ready: .venv/.ready
	@echo "Adding the peers of the benchmarks"
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[cli,testing,dev,examples,bench]'
	@touch $@

# Beancount is under the GPL: a program beside ours, in an environment of its own, never imported.

$(BEANCOUNT)/.ready: tests/requirements-beancount.txt
	@echo "Setting up $(BEANCOUNT)"
	@$(PYTHON) -m venv $(BEANCOUNT)
	@$(BEANCOUNT)/bin/python -m pip -qq --disable-pip-version-check install -r $<
	@touch $@

# Tryton is under the GPL, too: a server that the tests and the demo start and talk to over HTTP.
# Where it cannot be installed, its tests are skipped with the reason.

tryton: ## install Tryton beside ours, for the live tests and the demo
	@$(MAKE) -s $(TRYTON)/.ready || echo "Tryton could not be installed; the reason is above. Its tests are skipped." >&2

$(TRYTON)/.ready: examples/tryton/requirements.txt
	@echo "Setting up $(TRYTON)"
	@$(PYTHON) -m venv --without-pip $(TRYTON)
	@$(PYTHON) -m pip --python $(TRYTON)/bin/python -qq --disable-pip-version-check install -r $<
	@touch $@

# The programs that publish are beside ours, too: nothing here imports them.

$(RELEASE)/.ready: constraints.txt
	@echo "Setting up $(RELEASE)"
	@$(PYTHON) -m venv $(RELEASE)
	@$(RELEASE)/bin/python -m pip -qq --disable-pip-version-check install -c constraints.txt build twine
	@touch $@
