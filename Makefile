# `make run` and `make test` need Python 3.11 and make, nothing else.
PYTHON ?= python3
# Tests wait for servers a quarter of their time: three processes fill two cores. A test that fails is tried once more, and both
# tries are told.
TRIES = --reruns 1 --max-suite-reruns 4 --rerun-show-tracebacks
PYTEST = .venv/bin/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(TRIES)

# What is imported is compiled then, and kept. Many containers forbid to keep it: then each of the tests' many processes compiles
# all that it imports anew, and TensorFlow takes three times as long to import.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-long torture shots audit clean
.SILENT:

run: .venv/.run
	exec .venv/bin/python main.py

# MinIO's build (minutes, once) goes on while packages are installed, style and types are checked, and pytest collects.
test: | .venv/.made
	$(PYTHON) tests/servers.py minio >/dev/null & minio=$$!; trap 'kill $$minio 2>/dev/null || :' EXIT INT TERM; \
	$(MAKE) --no-print-directory .venv/.test && \
	.venv/bin/ruff check && .venv/bin/ruff format --check --quiet && .venv/bin/mypy --no-error-summary && \
	$(PYTEST) $(TESTS)

# What only a release needs, after `make test`: long trainings, two machines, and ten times as many examples.
test-long: .venv/.long
	$(PYTEST) -m "long_run or hypothesis" --hypothesis-profile=long --timeout=900 $(TESTS)

# Three quarters of an hour of kills and faults. A part of it: make torture TESTS=tests/torture/test_versions.py
torture: .venv/.test
	.venv/bin/python -m pytest -m torture --capture=no $(TESTS)

# Every page in both themes, both languages and two sizes, as pictures to look at: var/shots
shots: .venv/.test
	.venv/bin/python -m tests.shots var/shots

# Known vulnerabilities of what the platform needs, from PyPI's advisories: it needs the internet, so no test depends on it.
audit: .venv/.run
	$(PYTHON) -m venv .venv/audit && .venv/audit/bin/pip install --quiet --disable-pip-version-check pip-audit && \
	.venv/audit/bin/pip-audit --path .venv/lib/python*/site-packages

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.run: requirements.txt requirements-web.txt | .venv/.made
	$(call install,$<)
	touch $@

.venv/.test: requirements-dev.txt requirements-parquet.txt requirements-telemetry.txt requirements.txt requirements-web.txt | .venv/.made
	$(call install,$<)
	touch $@ .venv/.run

.venv/.long: requirements-long.txt requirements-ray.txt | .venv/.test
	$(call install,$<)
	touch $@

.venv/.made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Inkloop needs Python 3.11 or newer; name one with: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "This Python cannot make virtual environments: install its venv module (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	rm -rf .venv
	$(PYTHON) -m venv .venv
	touch $@

# Quiet, and without addresses when it fails: an index's address may hold a password. Compiled is what is imported, when it is.
define install
	echo "Installing $(1) into .venv ..." >&2
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile -r $(1) >.venv/pip.log 2>&1 || \
		{ tail -n 20 .venv/pip.log | sed -E "s#[a-z+]+://[^ '\")]*#(address)#g; s#host='[^']*'#host=(address)#g" >&2; \
		  echo "Installing failed; .venv/pip.log has all of it." >&2; exit 1; }
endef
