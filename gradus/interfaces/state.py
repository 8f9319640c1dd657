"""State of a model between two calls."""

from torch import Tensor

State = tuple[Tensor, ...]
"""Tensors that one call hands to the next; the first dimension of each is the batch.

A recurrent model keeps h (and c), the fixed-window model its last tokens, a Transformer its keys and values.
"""


def detach(state: State) -> State:
    """Cut the gradient between two chunks, as truncated backpropagation through time does."""
    return tuple(part.detach() for part in state)


def select_rows(tensors: State, rows: Tensor) -> State:
    """Reorder, repeat or drop rows: row i of each result is row `rows[i]` of the tensor; `rows` is int64 (B',)."""
    return tuple(tensor.index_select(0, rows) for tensor in tensors)
