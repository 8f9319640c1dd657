"""Corpus of the translation models as their evaluation reads it: the test text and facts about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gradus.artifacts.seals import REMEDY
from gradus.corpora.files import read_columns, read_lines
from gradus.corpora.source import open_corpus
from gradus.decoding.records import Record, read_pictures, read_strategies
from gradus.errors import InputError
from gradus.evaluation.digest import sha256_of
from gradus.results.details import AttentionMatrices
from gradus.results.files import parse_result
from gradus.results.subject import TokenizerFacts, TranslationText
from gradus.text.token_ids import open_tokens, read_ids, split_lines


@dataclass(frozen=True)
class TranslationCorpus:
    """Test text of the translation models."""

    name: str
    languages: tuple[str, str]
    """Source and target."""
    tokenizers: Mapping[str, TokenizerFacts]
    """`tokenizer` for both sides, or `tokenizer.src` and `tokenizer.tgt`."""
    facts: TranslationText
    src: list[str]
    tgt: list[str]
    tgt_ids: list[list[int]]
    """Token ids of the references, EOS included."""


def open_mt_corpus(raw: Path, tokens: Path) -> TranslationCorpus:
    """Check the corpus and its token ids, and read the test text.

    Raises:
        InputError: if a file is missing or broken, or the corpus and its token ids have different numbers of lines.
    """
    manifest, source = open_tokens(tokens), open_corpus(raw, "src", "tgt")
    references = [line.tolist() for line in split_lines(read_ids(tokens, "test.tgt"))]
    src, tgt = read_columns([raw / "test.src", raw / "test.tgt"])
    if len(references) != len(tgt):
        expected, found = f"{len(references)} lines, as in {tokens}", f"{len(tgt)}"
        raise InputError(raw / "test.tgt", expected=expected, found=found, remedy="run tokenize again")
    # Sources are counted besides pairs, because a source may be known with another translation.
    training = set(read_lines(raw / "train.src"))
    return TranslationCorpus(
        name=source.corpus,
        languages=(source.languages[0], source.languages[1]),
        tokenizers=manifest.tokenizers,
        facts=TranslationText(
            pairs=len(src),
            sha256=sha256_of(raw / "test.src", raw / "test.tgt"),
            pairs_seen_in_training=source.test_lines_seen_in_training,
            sources_seen_in_training=sum(line in training for line in src),
        ),
        src=src,
        tgt=tgt,
        tgt_ids=references,
    )


def read_translations(folder: Path, corpus: TranslationCorpus) -> Mapping[str, list[Record]]:
    """Read a model's translations of the test text, by strategy.

    Raises:
        InputError: if a file is missing or broken, or does not have one translation per sentence.
    """
    translations = read_strategies(folder)
    for strategy, records in translations.items():
        if len(records) != len(corpus.src):
            expected, found = f"{len(corpus.src)} translations", str(len(records))
            raise InputError(folder / f"{strategy}.jsonl", expected=expected, found=found, remedy="run translate again")
    return translations


def read_attention(path: Path) -> AttentionMatrices:
    """Read the attention weights that `translate` wrote.

    Raises:
        InputError: if the file is missing or holds other values.
    """
    return parse_result(read_pictures(path), f"{path}: pictures", AttentionMatrices, remedy=REMEDY)
