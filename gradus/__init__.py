"""gradus: language models from n-gram counts to attention, step by step, on any corpus.

The library behind the pipeline in `dvc.yaml`. It prints nothing, parses no arguments and knows no path of a
repository: the commands in `stages/` and `gradus/cli/` do that.
"""

import os
import warnings

from gradus.numerics import set_variables

# Waiting threads must sleep. Beside any other load, two spinning threads ran seventy times slower than one.
# OpenMP reads this variable once, so it must be set before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# Without a workspace of its own per stream, cuBLAS may add in another order from run to run.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

set_variables()

# Training reports an overflow itself and names the step. Without this filter NumPy would warn too; torch does not.
warnings.filterwarnings("ignore", ".* encountered in dot", RuntimeWarning, r"gradus\.matrix_products")
