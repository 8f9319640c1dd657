"""The table of recurrent cells."""

from collections.abc import Mapping

from gradus.choices import kind_of
from gradus.layers.recurrence.config import RecurrentConfig
from gradus.layers.recurrence.gru import GRUConfig
from gradus.layers.recurrence.lstm import LSTMConfig
from gradus.layers.recurrence.min_gru import MinGRUConfig
from gradus.layers.recurrence.rnn import RNNConfig

RECURRENCES: tuple[type[RecurrentConfig], ...] = (RNNConfig, GRUConfig, LSTMConfig, MinGRUConfig)
"""One configuration per cell; recurrent language models are configured by it."""

CELLS: Mapping[str, type[RecurrentConfig]] = {kind_of(config): config for config in RECURRENCES}
"""The same by name; encoder-decoders take a cell by its name, with default options."""
