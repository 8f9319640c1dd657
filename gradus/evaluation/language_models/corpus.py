"""Read the tokenizer, the validation text and the test text of the language models for the evaluation."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from gradus.corpora.source import open_corpus
from gradus.decoding.records import Record, read_strategies, require_known_ids
from gradus.evaluation.digest import sha256_of
from gradus.evaluation.language_models.line_scores import LineScores, sum_by_line
from gradus.evaluation.language_models.text_score import Nats, ScoredText, read_scored_text
from gradus.results.subject import LanguageModelText, TokenizerFacts
from gradus.text.token_ids import open_tokens, read_ids
from gradus.text.tokenizers.tokenizer import Tokenizer, load_tokenizer


@dataclass(frozen=True)
class LanguageModelCorpus:
    """Texts and tokenizer with which language models are evaluated."""

    name: str
    """Name of the corpus in params.yaml."""
    language: str
    """Language of the corpus."""
    tokenizer: Tokenizer
    """Tokenizer of all texts of the corpus."""
    tokenizer_facts: TokenizerFacts
    """Facts about the tokenizer, for the result."""
    test_facts: LanguageModelText
    """Facts about the test text, for the result."""
    valid: ScoredText
    """Validation text."""
    test: ScoredText
    """Test text."""


def open_lm_corpus(raw: Path, tokens: Path) -> LanguageModelCorpus:
    """Check the files of the corpus and of its token ids, and read the validation text and the test text.

    Args:
        raw: folder of the corpus.
        tokens: folder of the token ids and the tokenizer.
    Raises:
        InputError: if a file is missing or broken, or belongs to another text.
    """
    manifest, source = open_tokens(tokens), open_corpus(raw, "language")
    valid, test = (read_scored_text(manifest, source, split, read_ids(tokens, split)) for split in ("valid", "test"))
    test_facts = LanguageModelText(
        **asdict(manifest.counts_of("test")),
        sha256=sha256_of(raw / "test.txt"),
        lines_seen_in_training=source.test_lines_seen_in_training,
    )
    return LanguageModelCorpus(
        name=source.corpus,
        language=source.languages[0],
        tokenizer=load_tokenizer(tokens / "tokenizer"),
        tokenizer_facts=manifest.tokenizer(),
        test_facts=test_facts,
        valid=valid,
        test=test,
    )


def read_generated(folder: Path, corpus: LanguageModelCorpus) -> Mapping[str, list[Record]]:
    """Read the texts that a model generated.

    Returns:
        Dict from decoding strategy to the generated texts.
    Raises:
        InputError: if a file is missing or broken, or has a token id that is not in the vocabulary of the tokenizer.
    """
    generated = read_strategies(folder)
    require_known_ids(generated, corpus.tokenizer.size)
    return generated


def line_scores(nats: Nats, corpus: LanguageModelCorpus) -> LineScores:
    """Sum the negative log-probabilities of the tokens in each line of the test text."""
    sums = (str(corpus.test_facts.sha256), corpus.tokenizer_facts.sha256)
    return sum_by_line(nats, corpus.test.starts, *sums)
