"""Readers of tokenizers, token ids and decoded text."""

import hashlib
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np

from gradus.artifacts.arrays import write_array
from gradus.artifacts.inputs import read_bytes
from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.seals import write_seal
from gradus.corpora.files import CORPUS
from gradus.corpora.source import open_corpus
from gradus.decoding.records import TEXTS, Record, read_strategies, whole_lines, write_records
from gradus.errors import InputError
from gradus.evaluation.language_models.text_score import read_scored_text, score_text
from gradus.results.files import as_json
from gradus.text.pairs import read_pairs
from gradus.text.token_ids import TOKENS, open_tokens, read_ids
from gradus.text.tokenized import train_tokenizers, write_tokenized
from gradus.text.tokenizers.config import WordConfig
from gradus.text.tokenizers.folder import VOCABULARY
from gradus.text.tokenizers.subwords import train_sentencepiece
from gradus.text.tokenizers.tokenizer import load_tokenizer
from tests.fuzz.runner import Target
from tests.fuzz.samples import LINES, TOKENIZER, made, require, require_plain, reseal


def _make_tokenizers(folder: Path) -> None:
    TOKENIZER.save(folder / "word")
    train_sentencepiece(LINES * 3, "unigram", 14).save(folder / "unigram")
    train_sentencepiece(LINES * 3, "bpe", 14).save(folder / "bpe")


def _read_tokenizers(folder: Path) -> object:
    return [_read_tokenizer(folder / name) for name in ("word", "unigram", "bpe")]


def _read_tokenizer(folder: Path) -> object:
    tokenizer = load_tokenizer(folder)
    ids = tokenizer.encode_lines(["a b c", "e  zebra a", "</s> \u2581"])
    require(bool(((ids > 0) & (ids < tokenizer.size)).all()), f"ids {ids}")
    require(int((ids == 3).sum()) == 3 and ids[-1] == 3 and not (ids == 2).any(), f"special ids in {ids}")
    text = tokenizer.decode([*range(tokenizer.size), 1, 3])
    text.encode()
    return tokenizer.pieces, tokenizer.kind, ids.tobytes(), tokenizer.encode("a b"), text


def _reseal_tokenizers(folder: Path) -> None:
    """Write the vocabulary's sum into `tokenizer.json`, as far as that can still be read."""
    for about in folder.rglob("tokenizer.json"):
        with suppress(InputError, OSError, TypeError, KeyError):
            values = read_json(about)
            vocabulary = read_bytes(about.parent / VOCABULARY[values["kind"]], "a vocabulary", "none", most=1 << 20)
            write_json(about, {**values, "sha256": hashlib.sha256(vocabulary).hexdigest()})


def _make_tokens(folder: Path) -> None:
    for name, sides in (("lm", [""]), ("mt", [".src", ".tgt"])):
        texts = {
            f"{split}{side}": LINES[:n] for split, n in (("train", 9), ("valid", 3), ("test", 5)) for side in sides
        }
        config = WordConfig(kind="word", min_count=1)
        tokenizers = train_tokenizers(config, texts, joint=False)
        write_tokenized(made(folder / name), tokenizers, texts)
        write_seal(folder / name, TOKENS)
    raw = made(folder / "raw")
    (raw / "test.txt").write_text("\n".join([*LINES[:5], ""]))
    write_array(raw / "test.floor.npy", np.linspace(1, 2, 5))
    about = {"line_floor_nats": 7.5, "stream_floor_nats": 7.0, "stream_floor_variance": 1.0}
    facts = {"corpus": "builtin", "language": "en", "test_lines_seen_in_training": 5}
    write_json(raw / "source.json", {**facts, "test": about})
    write_seal(raw, CORPUS)


def _read_tokens(folder: Path) -> object:
    lm, mt, raw = (folder / name for name in ("lm", "mt", "raw"))
    manifest, _ = open_tokens(lm), open_tokens(mt)
    source = open_corpus(raw, "language")
    ids = {split: read_ids(lm, split) for split in ("train", "valid", "test")}
    size = manifest.tokenizer().size
    require(all(bool(((text < size) & (text != 2)).all()) and text[-1] == 3 for text in ids.values()), "ids")
    text = read_scored_text(manifest, source, "test", ids["test"])
    score = as_json(score_text("fuzz", np.full(len(ids["test"]), 2.0), text, "line"))
    require_plain(score)
    pairs = read_pairs(mt, "train")
    batch = pairs.batch(np.arange(len(pairs)))
    return {name: text.tobytes() for name, text in ids.items()}, score, batch.src.numpy().tobytes()


def _make_records(folder: Path) -> None:
    records = [Record("a\nb\u2028c", [4, 3, 5], -1.25, -0.5), Record("", [3], -0.1, -0.1)]
    place = made(folder / "generated")
    for name in ("greedy", "beam"):
        write_records(place / f"{name}.jsonl", records)
    write_seal(folder / "generated", TEXTS)


def _read_records(folder: Path) -> object:
    found = read_strategies(folder / "generated")
    require_plain([[asdict(record) for record in records] for records in found.values()])
    return {name: (whole_lines(records), repr(records)) for name, records in found.items()}


TARGETS = {
    "tokenizers": Target(_make_tokenizers, _read_tokenizers, _reseal_tokenizers),
    "token_ids": Target(_make_tokens, _read_tokens, reseal(("lm", TOKENS), ("mt", TOKENS), ("raw", CORPUS))),
    "records": Target(_make_records, _read_records, reseal(("generated", TEXTS))),
}
