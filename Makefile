# What people and CI type. `make help` lists it.
VENV := .venv
PYTHON := $(VENV)/bin/python
BASE_PYTHON ?=
# Rooms, and parts of rooms, that take data and return data.
PURE := src/eod/chatops.py,src/eod/config/*,src/eod/governance/*,src/eod/inputs.py,src/eod/intent.py,src/eod/lifecycle/place.py,src/eod/lifecycle/sweep_plan.py,src/eod/model/*,src/eod/records/machine.py,src/eod/reports/*,src/eod/tiers/*
PURE_TESTS := tests/config tests/governance tests/lifecycle tests/records tests/reports tests/tiers tests/test_chatops.py tests/test_inputs.py tests/test_intent.py

# Else every worker compiles every test file anew, and every process that a test starts compiles what it imports.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help install test coverage lint format demo live oldest chaos generate clean

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: $(VENV)/.installed ## Make .venv with everything, locked, and the command .venv/bin/eod

$(VENV)/.installed: requirements-dev.txt scripts/requirements-uv.txt pyproject.toml scripts/install
	@scripts/install "$(VENV)" "$(BASE_PYTHON)"

test: install ## Hermetic tests: no network, minutes
	$(PYTHON) -m pytest -n 3 --dist worksteal -q -m "not live"

coverage: install ## Branch coverage of what decides: at least 90 %
	$(PYTHON) -m pytest -n 2 --dist worksteal -q -m "not live and not network" --cov --cov-report= $(PURE_TESTS)
	$(VENV)/bin/coverage report --include="$(PURE)" --fail-under=90

lint: install ## Style, types, walls, workflows, generated files
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PYTHON) scripts/generate --check
	$(VENV)/bin/zizmor --offline --pedantic --quiet --config .github/zizmor.yml .github/workflows examples/workflows/*.yml action.yml
	scripts/actionlint

demo: install ## The whole story on embedded parts, with a page to look at
	$(PYTHON) -m demo

live: install ## The same against a real control plane and a real Argo CD
	$(PYTHON) -m pytest -q -m live

OLDEST := terraform-1.9 tofu-1.10
TERRAFORM_TESTS := tests/live/test_terraform.py tests/live/test_terraform_graph.py tests/live/test_terraform_init.py tests/live/test_terraform_orphan.py tests/live/test_terraform_saving.py tests/live/test_terraform_signals.py tests/live/test_in_the_way.py tests/live/test_life_bad_input.py tests/live/test_life_cancel.py tests/live/test_life_races.py tests/live/test_life_teardown.py tests/live/test_life_whole.py tests/live/test_recovery.py tests/chaos
oldest: install ## The live tests that run Terraform, with the oldest Terraform and OpenTofu that are supported
	set -e; for engine in $(OLDEST); do EOD_LIVE_ENGINE=$$engine $(PYTHON) -m pytest -q -m live $(TERRAFORM_TESTS); done

ROUNDS ?= 200
SEED ?=
AT_ONCE ?= 2
chaos: install ## Kill it 200 times and find nothing lost (ROUNDS, SEED, AT_ONCE)
	EOD_CHAOS_ROUNDS=$(ROUNDS) EOD_CHAOS_SEED=$(SEED) EOD_CHAOS_AT_ONCE=$(AT_ONCE) $(PYTHON) -m pytest -q -n 0 tests/chaos

generate: install ## Write all generated files anew
	$(PYTHON) scripts/generate

format: install ## Format and mend what can be mended
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

clean: ## Remove what was built in this checkout
	rm -rf $(VENV) demo/out .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
