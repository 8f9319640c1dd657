"""One thread, as in params.yaml: spinning threads beside other load make small kernels seventy times slower."""

import os

os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
os.environ["OMP_NUM_THREADS"] = "1"
