# `make repro` and `make test` also set up the environment. For everything else, use DVC and gradus directly.
# PYTHON=python3.12 selects an interpreter. TORCH=skip uses the torch that is already installed; TORCH=cu128 (or another
# name of uv's --torch-backend) selects a build of torch. JOBS=1 runs one stage at a time.

PYTHON ?= python3
VENV   := .venv
JOBS   ?= 2
# On Linux without an NVIDIA driver, take the build without CUDA: it is several gigabytes smaller.
TORCH  ?= $(if $(filter-out Linux,$(shell uname -s)),plain,$(if $(shell command -v nvidia-smi),auto,cpu))

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export DVC_NO_ANALYTICS := 1

pip       := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check
# Packages that have no wheel are built with the locked setuptools, so pip downloads nothing that the files do not name.
build     := --no-deps --no-build-isolation --use-pep517
locked    := $(pip) --require-hashes $(build)
torch_pin := $(shell sed -n 's/^torch==//p' requirements-torch.txt)
# Install one package of a requirement file: $(call only,PACKAGE,FILE)
only       = sed -n '/^$(1)==/,/[^\\]$$/p' $(2) > $(VENV)/$(1).txt && $(locked) -r $(VENV)/$(1).txt

.DEFAULT_GOAL := help
.PHONY: help setup s3 repro table test lint types unit portable fuzz torture plots screenshots readme dependencies lock

help: ## list these targets
	@sed -n 's/^\([a-z0-9]*\):.*## /make \1@/p' Makefile | tr @ '\t' | expand -t 19

setup: $(VENV)/ready ## install the pinned requirements in .venv if they have changed

s3: $(VENV)/ready-s3 ## install the packages for a remote on S3

repro: $(VENV)/ready ## run the pipeline, two stages at a time, and print the results
	@gradus repro --jobs $(JOBS)
	@gradus table

table: $(VENV)/ready ## print the results again
	@gradus table

test: lint types unit ## run every check of continuous integration

lint: $(VENV)/ready-dev
	ruff check
	ruff format --check

types: $(VENV)/ready-dev
	mypy

unit: $(VENV)/ready-dev
	python -m pytest -n 2 --dist loadgroup -rs

portable: $(VENV)/ready-dev ## run every stage at a small size; compare the outputs with known hashes
	python -m tests.portable

torture: $(VENV)/ready-dev ## test kills at every rename, 200 kills of the pipeline, and full disks
	GRADUS_TORTURE=all python -m pytest -n 2 tests/torture
	python -m tests.torture --kills 200

fuzz: $(VENV)/ready-dev ## test every file reader with damaged files, one minute per reader
	python -m tests.fuzz all --seconds 60

plots: $(VENV)/plots.html ## write the page of `dvc plots` with all scripts, so that it needs no network
	@dvc plots show --html-template $<

screenshots: $(VENV)/ready-dev ## write the pictures of the page in docs/images; needs Chromium
	python -m tests.browser.screenshots

readme: $(VENV)/ready ## insert the tables of metrics/tables into README.md
	@gradus readme

dependencies: $(VENV)/ready ## write the code that every stage imports into dvc.yaml
	@gradus dependencies

lock: $(VENV)/ready-dev ## write the requirement files for pyproject.toml; UPGRADE=--upgrade takes new versions
	@.ci/lock $(UPGRADE)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	    { echo "gradus needs Python 3.11 to 3.13, found $$($(PYTHON) -V 2>&1); run make PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv $(if $(filter skip,$(TORCH)),--system-site-packages) $(VENV) || { rm -rf $(VENV); exit 2; }

$(VENV)/ready: requirements.txt requirements-torch.txt pyproject.toml | $(VENV)/bin/python
	$(call only,setuptools,requirements.txt)
	$(locked) -r requirements.txt
ifeq ($(TORCH),plain)
	$(pip) -c requirements-torch.txt torch==$(torch_pin)
else ifeq ($(TORCH),cpu)
	$(pip) -c requirements-torch.txt torch==$(torch_pin)+cpu || { $(uv_torch); }
else ifneq ($(TORCH),skip)
	$(uv_torch)
endif
	$(pip) $(build) --editable .
	touch $@

$(VENV)/ready-s3: requirements-s3.txt $(VENV)/ready
	$(locked) -r requirements-s3.txt
	touch $@

$(VENV)/ready-dev: $(addprefix requirements-,dev.txt s3.txt compiled.txt browser.txt) $(VENV)/ready
	$(locked) -r requirements-s3.txt -r requirements-dev.txt
	@$(locked) -r requirements-compiled.txt 2> /dev/null || \
	    echo "KenLM cannot be built here; the tests that compare with it are skipped"
	@$(locked) -r requirements-browser.txt 2> /dev/null || \
	    echo "Playwright has no package for this system; the tests of the page are skipped"
	touch $@

$(VENV)/plots.html: .dvc/plots/offline.py requirements-browser.txt $(VENV)/ready
	$(call only,vl-convert-python,requirements-browser.txt)
	python .dvc/plots/offline.py > $@.part && mv $@.part $@

# uv knows the address of PyTorch's own package index. Another build of torch needs other versions of CUDA's packages.
define uv_torch
$(call only,uv,requirements-dev.txt) && grep -vE '^(cuda|nvidia|triton)' requirements-torch.txt > $(VENV)/torch.txt && \
    $(VENV)/bin/uv pip install --python $(VENV)/bin/python -c $(VENV)/torch.txt \
    --torch-backend=$(TORCH) torch==$(torch_pin) || \
    { echo "no $(TORCH) build of torch $(torch_pin) found; use TORCH=plain (from PyPI) or TORCH=skip (as installed)" >&2; exit 2; }
endef
