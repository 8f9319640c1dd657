"""The four special pieces and their ids, equal in every tokenizer and model."""

from typing import Final

PAD: Final = "<pad>"
UNK: Final = "<unk>"
BOS: Final = "<s>"
EOS: Final = "</s>"

PAD_ID: Final = 0
"""Pads short rows of a batch; never predicted, never counted."""
UNK_ID: Final = 1
"""Replaces every piece outside the vocabulary; counted like other tokens."""
BOS_ID: Final = 2
"""Context at the start of a line; never predicted, never counted."""
EOS_ID: Final = 3
"""Ends every line; predicted and counted."""

SPECIAL: Final = (PAD, UNK, BOS, EOS)
"""Pieces in the order of their ids."""
