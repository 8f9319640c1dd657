"""Variables that must be set before the libraries that compute are loaded.

One thread, as in params.yaml: spinning threads beside other load make small kernels seventy times slower.
"""

import os

os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ.pop("COLUMNS", None)  # pytest-xdist sets it in its workers, and tables fit its width

import pytest
from clones import Clone, run_clone

import gradus  # noqa: F401  the variables of portable kernels


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone in which the tiny pipeline has run; its tests share one process, by the xdist group `pipeline`."""
    return run_clone(tmp_path_factory.mktemp("clones"))
