"""State of a model between two calls: a tuple of tensors whose first dimension is the batch."""

from torch import Tensor

State = tuple[Tensor, ...]
"""What one call hands to the next.

Recurrent models keep h (and c), the fixed-window model its last tokens, a Transformer its keys and values.
"""


def detach(state: State) -> State:
    """Cut the gradient, as truncated backpropagation through time does between two chunks."""
    return tuple(part.detach() for part in state)


def select_rows(tensors: State, rows: Tensor) -> State:
    """Return the tensors whose row i is row `rows[i]`, int64 (B',): rows reordered, repeated or dropped."""
    return tuple(tensor.index_select(0, rows) for tensor in tensors)
