"""Read the test text of the translation models, and facts about the test text, for the evaluation."""

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
    """Test text of the translation models: source sentences, references, and facts about text and tokenizers."""

    name: str
    """Name of the corpus in params.yaml."""
    languages: tuple[str, str]
    """Source language and target language."""
    tokenizers: Mapping[str, TokenizerFacts]
    """Facts about the tokenizers. The only key is `tokenizer` if source and target share a tokenizer; otherwise the
    keys are `tokenizer.src` and `tokenizer.tgt`."""
    facts: TranslationText
    """Facts about the test text, for the result."""
    src: list[str]
    """Source sentences."""
    tgt: list[str]
    """Reference translations."""
    tgt_ids: list[list[int]]
    """Token ids of the references, EOS included."""


def open_mt_corpus(raw: Path, tokens: Path) -> TranslationCorpus:
    """Check the files of the corpus and of its token ids, and read the test text.

    Args:
        raw: folder of the corpus.
        tokens: folder of the token ids.
    Raises:
        InputError: if a file is missing or broken, or the corpus and its token ids have different numbers of lines.
    """
    manifest, source = open_tokens(tokens), open_corpus(raw, "src", "tgt")
    references = [line.tolist() for line in split_lines(read_ids(tokens, "test.tgt"))]
    src, tgt = read_columns([raw / "test.src", raw / "test.tgt"])
    if len(references) != len(tgt):
        expected, found = f"{len(references)} lines, as in {tokens}", f"{len(tgt)} lines"
        raise InputError(raw / "test.tgt", expected=expected, found=found, remedy="run tokenize again")
    # Sources are counted in addition to pairs, because the training text may have a source with another translation.
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
    """Read a model's translations of the test text.

    Returns:
        Dict from decoding strategy to the translations, one per test sentence.
    Raises:
        InputError: if a file is missing or broken, or does not have one translation per test sentence.
    """
    translations = read_strategies(folder)
    for strategy, records in translations.items():
        if len(records) != len(corpus.src):
            expected, found = f"{len(corpus.src)} translations", str(len(records))
            raise InputError(folder / f"{strategy}.jsonl", expected=expected, found=found, remedy="run translate again")
    return translations


def read_attention(path: Path) -> AttentionMatrices:
    """Read the attention weights that the stage `translate` wrote.

    Raises:
        InputError: if the file is missing, or its content is not a list of attention weights.
    """
    return parse_result(read_pictures(path), f"{path}: pictures", AttentionMatrices, remedy=REMEDY)
