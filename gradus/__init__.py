"""gradus: language models from n-gram counts to attention, step by step, on any corpus.

The pipeline in `dvc.yaml` uses this library. Only the commands in `stages/` and `gradus/cli/` print text, parse
arguments and choose paths.
"""

import os

from gradus.numerics import set_variables

# Waiting threads must sleep, not spin: beside other load, two spinning threads were seventy times slower than one.
# OpenMP reads this once, so it is set before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# Without a workspace per stream, the order of cuBLAS's additions may differ from run to run.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

set_variables()
