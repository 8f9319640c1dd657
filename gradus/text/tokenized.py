"""Train the tokenizers of a corpus, and write its texts as token ids."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gradus.progress import Track, silent
from gradus.results.subject import TokenizerFacts
from gradus.text.manifest import Manifest, TextCounts, write_manifest
from gradus.text.special import UNK_ID
from gradus.text.token_ids import write_ids
from gradus.text.tokenizers.config import TokenizerConfig
from gradus.text.tokenizers.tokenizer import Tokenizer, train_tokenizer


def count_text(ids: NDArray[np.int32], lines: Sequence[str]) -> TextCounts:
    """Count the lines, tokens, characters and unknown tokens of a text; `ids`, (n_tokens,), has all token ids."""
    # EOS is never unknown, so counting it would hide unknown words in short lines.
    unk, without_eos = int(np.count_nonzero(ids == UNK_ID)), ids.size - len(lines)
    characters = sum(map(len, lines)) + len(lines)
    return TextCounts(len(lines), ids.size, characters, unk, unk / without_eos if without_eos else 0.0)


def train_tokenizers(
    config: TokenizerConfig,
    texts: Mapping[str, Sequence[str]],
    *,
    joint: bool,
    where: str = "params",
    track: Track = silent,
) -> dict[str, Tokenizer]:
    """Train tokenizers on the training texts alone; ignore all other texts.

    Args:
        config: configuration of the tokenizer.
        texts: dict from the name of a text to its lines; `write_tokenized` lists the names.
        joint: whether source and target share one tokenizer.
        where: name of the parameter file, for errors.
        track: reports the progress, one step per tokenizer.
    Returns:
        dict from name to tokenizer; the names are `tokenizer`, or `tokenizer.src` and `tokenizer.tgt`.
    Raises:
        InputError: if a text has no words, or does not support a vocabulary of the configured size.
    """
    # The name of a side carries over: `train.src` trains `tokenizer.src`.
    training = {name.replace("train", "tokenizer"): lines for name, lines in texts.items() if name.startswith("train")}
    if joint:
        training = {"tokenizer": list(chain.from_iterable(training.values()))}
    tracked = track(list(training.items()), "learn vocabulary")
    return {name: train_tokenizer(config, lines, f"{where}: {name}") for name, lines in tracked}


def write_tokenized(
    folder: Path, tokenizers: Mapping[str, Tokenizer], texts: Mapping[str, Sequence[str]], track: Track = silent
) -> dict[str, TextCounts]:
    """Encode every text; write the token ids, the tokenizers and `manifest.json`.

    Args:
        folder: an empty folder.
        tokenizers: dict from name to tokenizer, as `train_tokenizers` returns it.
        texts: dict from the name of a text to its lines; the names are `train`, `valid` and `test`, or `train.src`,
            `train.tgt` and so on for translation.
        track: reports the progress.
    Returns:
        dict from the name of a text to its counts.
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
    facts = {
        name: TokenizerFacts(kind=tokenizer.kind, size=tokenizer.size, sha256=tokenizer.sha256)
        for name, tokenizer in tokenizers.items()
    }
    write_manifest(Manifest(folder / "manifest.json", facts, counts))
    return counts
