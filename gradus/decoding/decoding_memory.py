"""Refuse a decoding request that does not fit into memory."""

import math

from gradus.decoding.hypothesis import Request
from gradus.decoding.strategy import Strategy
from gradus.interfaces.step import Step, StepState
from gradus.memory import require_memory
from gradus.runtime import free_memory


def require_decoding_memory(step: Step[StepState], request: Request, strategy: Strategy) -> None:
    """Refuse a decoding request that needs more memory than is free.

    The function compares the free memory with a lower bound of the needed memory. The bound in bytes is

        widths * batch * (per_type * V + state_bytes + per_token * length)

    - `widths` is the number of rows that the strategy computes for one text, such as the beam size.
    - `batch` is the number of texts, and `length` is the maximum length of a text.
    - `per_type` and `per_token` are the values of `strategy.row_bytes()`.
    - V is the size of the vocabulary.
    - `state_bytes` is the size of the model's state for one row.

    Raises:
        InputError: if the request does not fit. The error names a size that is too large, and the largest value that
            fits.
    """
    # Two names each, because generated texts and translations have different keys in params.yaml.
    asked = {**strategy.widths(), "texts or batch": request.batch, "tokens or max_length": request.max_length}
    row_bytes = strategy.row_bytes()

    def needed(*sizes: int) -> int:
        *rows, length = sizes
        each = row_bytes.per_type * step.vocabulary_size + step.state_bytes(length) + row_bytes.per_token * length
        return each * math.prod(rows)

    require_memory(asked, needed, free_memory(request.device))
