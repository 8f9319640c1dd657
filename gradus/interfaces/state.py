"""State of a model between two calls."""

from torch import Tensor

State = tuple[Tensor, ...]
"""Tensors that one call of a model returns and the next call takes. The first dimension of each tensor is the batch.

The state of a recurrent model is `h`; an LSTM also has `c`. The state of the fixed-window model is its last
tokens. The state of a Transformer is its keys and values.
"""


def detach(state: State) -> State:
    """Detach a state, so that no gradient flows into the previous chunk."""
    return tuple(part.detach() for part in state)


def select_rows(tensors: State, rows: Tensor) -> State:
    """Reorder, repeat or drop rows: row `i` of each new tensor is row `rows[i]` of the old tensor."""
    return tuple(tensor.index_select(0, rows) for tensor in tensors)
