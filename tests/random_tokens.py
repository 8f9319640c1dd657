"""Token ids of random text, as tokenize writes them."""

from pathlib import Path

import numpy as np

from gradus.artifacts.json_files import write_json
from gradus.artifacts.seals import write_seal
from gradus.text.special import EOS_ID
from gradus.text.token_ids import TOKENS, write_ids
from gradus.text.tokenizers.config import WordConfig
from gradus.text.tokenizers.tokenizer import Tokenizer, train_tokenizer

WORDS = ("a", "b", "c", "d", "e", "f", "g", "h")


def write_random_tokens(folder: Path) -> None:
    """Write the tokenizer of eight words, 2,000 lines to train on and 20 to validate, the same ones each time."""
    tokenizer = _tokenizer(folder)
    _write_lines(folder, {"train": 2000, "valid": 20}, tokenizer.size)
    about = {"kind": "word", "size": tokenizer.size, "sha256": tokenizer.sha256}
    write_json(folder / "manifest.json", {"tokenizer": about})
    write_seal(folder, TOKENS)


def write_random_pairs(folder: Path) -> None:
    """Write the tokenizer, 500 pairs to train on and 20 to validate; a target line is its source line."""
    tokenizer = _tokenizer(folder)
    for side in ("src", "tgt"):
        _write_lines(folder, {f"train.{side}": 500, f"valid.{side}": 20}, tokenizer.size)
    about = {"kind": "word", "size": tokenizer.size, "sha256": tokenizer.sha256}
    write_json(folder / "manifest.json", {"tokenizer": about, "splits": {}})
    write_seal(folder, TOKENS)


def _tokenizer(folder: Path) -> Tokenizer:
    tokenizer = train_tokenizer(WordConfig(kind="word", min_count=1), [" ".join(WORDS)], "text")
    tokenizer.save(folder / "tokenizer")
    return tokenizer


def _write_lines(folder: Path, splits: dict[str, int], size: int) -> None:
    rng = np.random.default_rng(0)
    for split, lines in splits.items():
        ids = [np.append(rng.integers(EOS_ID + 1, size, rng.integers(1, 9)), EOS_ID) for _ in range(lines)]
        write_ids(folder, split, np.concatenate(ids), size)
