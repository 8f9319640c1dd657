"""The special pieces (vocabulary entries) PAD, UNK, BOS and EOS, and their ids. All tokenizers use these ids."""

from typing import Final

PAD: Final = "<pad>"
UNK: Final = "<unk>"
BOS: Final = "<s>"
EOS: Final = "</s>"

PAD_ID: Final = 0
"""Id of PAD, which fills short rows of a batch. Models never predict PAD, and counts exclude PAD."""
UNK_ID: Final = 1
"""Id of UNK, which replaces every piece outside the vocabulary. Counts include UNK."""
BOS_ID: Final = 2
"""Id of BOS, the context at the start of a line. Models never predict BOS, and counts exclude BOS."""
EOS_ID: Final = 3
"""Id of EOS, which ends every line. Models predict EOS, and counts include EOS."""

SPECIAL: Final = (PAD, UNK, BOS, EOS)
"""The special pieces in the order of their ids."""
