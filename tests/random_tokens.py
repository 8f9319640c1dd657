"""Token ids of random text, as tokenize writes them."""

from pathlib import Path

import numpy as np

from gradus.artifacts.json_files import write_json
from gradus.artifacts.seals import write_seal
from gradus.text.special import EOS_ID
from gradus.text.token_ids import TOKENS, write_ids
from gradus.text.tokenizers.config import WordConfig
from gradus.text.tokenizers.tokenizer import train_tokenizer

WORDS = ("a", "b", "c", "d", "e", "f", "g", "h")


def write_random_tokens(folder: Path) -> None:
    """Write the tokenizer of eight words, 2,000 lines to train on and 20 to validate, the same ones each time."""
    rng = np.random.default_rng(0)
    tokenizer = train_tokenizer(WordConfig(kind="word", min_count=1), [" ".join(WORDS)], "text")
    tokenizer.save(folder / "tokenizer")
    for split, lines in (("train", 2000), ("valid", 20)):
        ids = [np.append(rng.integers(EOS_ID + 1, tokenizer.size, rng.integers(1, 9)), EOS_ID) for _ in range(lines)]
        write_ids(folder, split, np.concatenate(ids), tokenizer.size)
    about = {"kind": "word", "size": tokenizer.size, "sha256": tokenizer.sha256}
    write_json(folder / "manifest.json", {"tokenizer": about})
    write_seal(folder, TOKENS)
