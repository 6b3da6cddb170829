# Everything runs in .venv, made here from Python 3.11 or newer.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
NEWSSEARCH := $(BIN)/newssearch

.PHONY: demo test test-long oracle lint screenshots bench bench-large whoosh3 clean

demo: index/CURRENT
	@$(NEWSSEARCH) serve --port $(PORT)

index/CURRENT: | .venv/demo
	$(NEWSSEARCH) rebuild-index seeds
	@echo
	$(NEWSSEARCH) query buon ma thuot --limit 3 --color always

test: .venv/test lint
	$(BIN)/pytest -m "not long"

test-long: .venv/test
	$(BIN)/pytest -m long

# Some 20,000 generated questions against the oracles; `make test` asks 2,000 of them.
oracle: .venv/test
	NEWSSEARCH_ORACLE=10 $(BIN)/pytest --timeout 5400 tests/engines/test_executor_oracle.py tests/engines/test_compile.py tests/engines/test_oracle_real.py

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/mypy

screenshots: .venv/test
	$(BIN)/python tests/screenshots.py

bench: .venv/bench
	$(BIN)/python -m bench

bench-large: .venv/bench
	$(BIN)/python -m bench --large

whoosh3: .venv-whoosh3/ready
	.venv-whoosh3/bin/pytest tests/engines -m "not long"

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "newssearch needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/demo: pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/test: pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ .venv/demo

.venv/bench: pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test,bench]'
	@touch $@ .venv/test .venv/demo

# whoosh3 installs the same package name as whoosh-reloaded, so it has an environment of its own.
.venv-whoosh3/ready: pyproject.toml
	$(PYTHON) -m venv .venv-whoosh3
	.venv-whoosh3/bin/pip install --quiet --disable-pip-version-check --editable '.[test]'
	.venv-whoosh3/bin/pip uninstall --quiet --yes whoosh-reloaded
	.venv-whoosh3/bin/pip install --quiet --disable-pip-version-check --force-reinstall --no-deps 'whoosh3>=3.54'
	@touch $@

clean:
	rm -rf .venv .venv-whoosh3 .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build
