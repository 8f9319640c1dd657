"""The network and the training text that every adaptation gets, and the function that it returns."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.interfaces.language_model import LanguageModel

StreamScorer = Callable[[NDArray[Any]], NDArray[np.float64]]
"""Function that scores a text as one stream: from its token ids, (n_tokens,), to the negative log-probability of every
token, nats, (n_tokens,). Each call starts anew: nothing is learned from the text of an earlier call."""


@dataclass(frozen=True)
class Subject:
    """A trained network, and what its adaptation to a text can use."""

    model: LanguageModel
    """Network in evaluation mode. It is never changed."""
    tokens: Path
    """Folder of the token ids that `tokenize` wrote."""
    chunk: int
    """Number of tokens per forward pass, `score_lm.chunk` of params.yaml. It changes results by rounding only."""
