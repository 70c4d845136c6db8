# Every target sets up what it needs in `.venv` first (deploy/environment): Python >= 3.11, git and make are enough.
#
#   make serve                          the service, with demonstration entries, on http://127.0.0.1:8000
#   make serve DIRECTORY_PORT=9000      any setting of the service (docs/settings.md)
#   make serve PYTHON=python3.13        the Python that .venv is made with; after `make clean`
#   make test                           the everyday tests, on SQLite and on PostgreSQL where this machine has one
#   make test TESTS="tests/geo -k postcode"
#   REQUIRE_POSTGRES=1 make test        fail, do not skip, where there is no PostgreSQL

.DEFAULT_GOAL := help
.PHONY: help environment serve test test-long lint format bench clean

BIN = .venv/bin
TESTS =

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

environment: ## Make .venv, or bring it in step with uv.lock
	@sh deploy/environment

serve: environment ## Start the service: postcode look-up, tables and demonstration entries are made at the first start
	@exec $(BIN)/directory serve

# One worker for each core: every worker starts a PostgreSQL cluster of its own (half a second), so they share nothing.
test: environment ## Run the tests (TESTS="…" chooses some; REQUIRE_POSTGRES=1, REQUIRE_BROWSER=1 forbid skipping)
	@$(BIN)/pytest -n auto $(TESTS)

test-long: environment ## Run the tests that take minutes
	@$(BIN)/pytest -m long $(TESTS)

lint: environment ## Check form, types, the direction of imports and the Dockerfile
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/hadolint Dockerfile

format: environment ## Put the code into form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: environment ## Measure against the targets and print the table
	@$(BIN)/python -m bench

clean: ## Remove the environment and what tools left behind; `var`, the service's own folder, stays
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
