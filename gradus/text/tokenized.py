"""A tokenised corpus: token ids of every text, and the manifest that counts them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts.json_files import write_json
from gradus.progress import Track, silent
from gradus.text.special import UNK_ID
from gradus.text.token_ids import write_ids
from gradus.text.tokenizer import Tokenizer, train_tokenizer
from gradus.text.tokenizer_config import TokenizerConfig


@dataclass(frozen=True)
class TextCounts:
    """What a text amounts to under a tokenizer.

    lines: lines, blank ones included.
    tokens: ids, one EOS a line included.
    characters: code points of the raw text, with one newline a line.
    unk: tokens that are UNK.
    oov_rate: `unk` over the tokens without EOS; 0 where there are none.
    """

    lines: int
    tokens: int
    characters: int
    unk: int
    oov_rate: float


def count_text(ids: NDArray[np.int32], lines: Sequence[str]) -> TextCounts:
    """Count a text and its ids, int32 (n_tokens,)."""
    unk, spelled = int(np.count_nonzero(ids == UNK_ID)), ids.size - len(lines)
    characters = sum(map(len, lines)) + len(lines)
    return TextCounts(len(lines), ids.size, characters, unk, unk / spelled if spelled else 0.0)


def train_tokenizers(
    config: TokenizerConfig,
    texts: Mapping[str, Sequence[str]],
    *,
    joint: bool,
    where: str = "params",
    track: Track = silent,
) -> dict[str, Tokenizer]:
    """Build the vocabulary of a track from its training texts alone.

    Args:
        config: the kind of tokenizer.
        texts: lines by name, as `write_tokenized` takes them.
        joint: one vocabulary for the training texts of both sides.
        where: the parameter file, for errors.
        track: shows the progress, a step a vocabulary.
    Returns:
        `tokenizer`, or `tokenizer.src` and `tokenizer.tgt`.
    Raises:
        InputError: as `train_tokenizer`.
    """
    training = {name.replace("train", "tokenizer"): lines for name, lines in texts.items() if name.startswith("train")}
    if joint:
        training = {"tokenizer": list(chain.from_iterable(training.values()))}
    named = track(list(training.items()), "vocabulary")
    return {name: train_tokenizer(config, lines, f"{where}: {name}") for name, lines in named}


def write_tokenized(
    folder: Path, tokenizers: Mapping[str, Tokenizer], texts: Mapping[str, Sequence[str]], track: Track = silent
) -> dict[str, TextCounts]:
    """Encode every text and write its ids, the tokenizers and `manifest.json`.

    Args:
        folder: an empty folder, from `new_folder`.
        tokenizers: `tokenizer` for all texts, or one for each side: `tokenizer.src`, `tokenizer.tgt`.
        texts: lines of `train`, `valid`, `test`, or of `train.src`, `train.tgt` and so on.
        track: shows the progress.
    Returns:
        The counts of each text.
    """
    counts = {}
    for name, tokenizer in tokenizers.items():
        tokenizer.save(folder / name)
    for name, lines in texts.items():
        side = name.partition(".")[2]
        tokenizer = tokenizers.get("tokenizer") or tokenizers[f"tokenizer.{side}"]
        ids = tokenizer.encode_lines(lines, track)
        write_ids(folder, name, ids, tokenizer.size)
        counts[name] = count_text(ids, lines)
    about = {name: _describe(tokenizer) for name, tokenizer in tokenizers.items()}
    write_json(folder / "manifest.json", {**about, "splits": {name: asdict(n) for name, n in counts.items()}})
    return counts


def _describe(tokenizer: Tokenizer) -> dict[str, str | int]:
    return {"kind": tokenizer.kind, "size": tokenizer.size, "sha256": tokenizer.sha256}
