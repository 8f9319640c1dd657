"""What must be set before the libraries that compute are loaded.

One thread, as in params.yaml: spinning threads beside other load make small kernels seventy times slower.
"""

import os

os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
os.environ["OMP_NUM_THREADS"] = "1"

import gradus  # noqa: F401  the variables of portable kernels
