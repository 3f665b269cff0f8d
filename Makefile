# Every target runs inside .venv, which path.sh builds on first use.
SHELL := bash
env := . ./path.sh &&
benchmarks := features classical training_step video_step conversion verification
scripts := path.sh run.sh .ci/run $(wildcard recipes/*.sh recipes/utils/*.sh egs/*/*.sh egs/*/local/*.sh egs/*/conf/*.sh)

.PHONY: setup test lint recipes-test bench clean

setup:  ## build .venv, or bring it up to date with pyproject.toml
	rm -f .venv/.built
	. ./path.sh

test:  ## everything but the recipes
	$(env) python -m pytest

lint:
	$(env) ruff check . && ruff format --check . && mypy && lint-imports
	$(env) if command -v shellcheck >/dev/null; then shellcheck -x $(scripts); else echo "shellcheck is not here: skipped"; fi

recipes-test:  ## runs recipes whole, with a few training steps: minutes
	$(env) python -m pytest -m recipe

bench:
	$(env) for name in $(benchmarks); do python "benchmarks/$$name.py" || exit 1; done

clean:  ## caches and build products; data, models and .venv stay
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find vcdisent tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
