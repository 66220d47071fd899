# Commands of disclosure-ledger. `make demo` and `make test` set up everything they need.
# Needs: make, Python 3.11 or newer. The Apache Kafka suites also need Java 17 and Maven, one suite Node.js.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PEERS := .venv-peers/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test nightly lint bench bench-100m ledger-100m metrics-docs dashboards kafka up down clean

help:  ## list the targets
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

install: $(INSTALLED)  ## make .venv and install the pinned libraries and this project into it

# Once, and again after a change of what is installed. The libraries are checked against their hashes.
$(INSTALLED): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, got $$($(PYTHON) --version 2>&1). Name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: install  ## the whole pipeline on the embedded broker, one person's answer, the audit; KAFKA=apache for Apache Kafka
	$(BIN)/disclosures demo $(if $(KAFKA),--kafka $(KAFKA))

test: lint  ## lint, then every suite; Apache Kafka is fetched on first use
	$(BIN)/pytest

nightly: install  ## the properties of the decision core, 10,000 examples each
	HYPOTHESIS_PROFILE=nightly $(BIN)/pytest tests/properties -k "core or signals or calendars or replay" --timeout 0

lint: install  ## style, format, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install $(PEERS)  ## throughput beside bare loops and peers, as in BENCHMARKS.md
	PYTHONPATH=tests $(BIN)/python -m bench.sdk
	PYTHONPATH=tests $(BIN)/python -m bench.decide
	PYTHONPATH=tests $(BIN)/python -m bench.metering
	PYTHONPATH=tests $(BIN)/python -m bench.state
	PYTHONPATH=tests $(BIN)/python -m bench.gate
	PYTHONPATH=tests $(BIN)/python -m bench.gate --metering --rounds 11 --events 200000
	PYTHONPATH=tests $(BIN)/python -m bench.recorder
	PYTHONPATH=tests $(BIN)/python -m bench.lookup
	PYTHONPATH=tests $(BIN)/python -m bench.bulk
	PYTHONPATH=tests $(BIN)/python -m bench.api

ledger-100m: install  ## a ledger of 100 million rows in .ledger-100m, goes on where it stopped; ROWS=1000000 for another size
	PYTHONPATH=tests $(BIN)/python -m bench.large_ledger --dir .ledger-100m --rows $(or $(ROWS),100000000)

bench-100m: install  ## look-ups in the ledger of `make ledger-100m`, which is made if need be
	PYTHONPATH=tests $(BIN)/python -m bench.lookup --ledger .ledger-100m --rows $(or $(ROWS),100000000)

# The peer of the gate's benchmark wants an older Kafka client: it has an environment of its own.
$(PEERS): tests/bench/peers.txt
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --requirement tests/bench/peers.txt
	@touch $@

metrics-docs: install  ## write dashboards/METRICS.md from the table of metrics
	$(BIN)/python -m disclosure_schemas.metrics.document dashboards/METRICS.md

dashboards: install  ## write the rules and Grafana dashboards under dashboards/ from code
	PYTHONPATH=dashboards $(BIN)/python -m disclosure_dashboards

kafka: install  ## Apache Kafka alone, 127.0.0.1:9092 unless PORT says otherwise, until Ctrl-C
	$(BIN)/python -m disclosure_ledger.brokers --kind apache --home .kafka/local --port $(or $(PORT),9092)

up: install  ## pipeline, API and console with sample data until Ctrl-C or `make down`; KAFKA=apache GATES=3 for three gates
	$(BIN)/disclosures up --sample $(if $(KAFKA),--kafka $(KAFKA)) $(if $(GATES),--gates $(GATES))

down: install  ## stop what `make up` started; its data stays
	$(BIN)/disclosures down

clean:  ## remove the environment, caches and what demo and up left behind
	rm -rf $(VENV) .venv-peers .demo .disclosures .ledger-100m .kafka .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache dist test-output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
