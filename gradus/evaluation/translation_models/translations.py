"""Score translations against their references: BLEU, chrF, exact matches, lengths, token accuracy."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.decoding.records import Record
from gradus.evaluation.translation_models.bleu import bleu, bleu_of, bleu_signature, chrf, sentence_statistics
from gradus.evaluation.translation_models.corpus import TranslationCorpus
from gradus.params import STRICT
from gradus.results.translation import SourceLengthScores, StrategyScores

LENGTHS = {"1-10": (1, 10), "11-20": (11, 20), "21-30": (21, 30), "31+": (31, None)}
"""Dict from the name of each range of source lengths to the smallest and the largest number of words in a sentence.
None means that a range has no largest number."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class EvaluateMTConfig:
    """Section `evaluate_mt` of params.yaml."""

    min_pairs: Annotated[int, Field(ge=1, le=10**9)]
    """Minimum number of sentence pairs in a range of source lengths. For smaller ranges BLEU is not computed."""
    batch_tokens: Annotated[int, Field(ge=1, le=10**9)]
    """Maximum number of target tokens in a batch of references, padding included."""


def statistics_of(records: Sequence[Record], corpus: TranslationCorpus) -> NDArray[np.int64]:
    """Return the BLEU statistics of every translation, shape (n_sentences, 10)."""
    return sentence_statistics([record.text for record in records], corpus.tgt)


def score_strategy(
    records: Sequence[Record], statistics: NDArray[np.int64], corpus: TranslationCorpus, config: EvaluateMTConfig
) -> StrategyScores:
    """Score the translations of one decoding strategy.

    Args:
        records: the translations, one per test sentence.
        statistics: BLEU statistics of the translations, as `statistics_of` returns them.
        corpus: the test text.
        config: section `evaluate_mt` of params.yaml.
    """
    hypotheses = [record.text for record in records]
    lowercase, lowercase_signature = bleu(hypotheses, corpus.tgt, lowercase=True)
    character_score, character_signature = chrf(hypotheses, corpus.tgt)
    tokens = sum(len(record.ids) for record in records)
    return StrategyScores(
        bleu=bleu_of(statistics.sum(axis=0)),
        bleu_signature=bleu_signature(),
        bleu_lowercase=lowercase,
        bleu_lowercase_signature=lowercase_signature,
        chrf=character_score,
        chrf_signature=character_signature,
        exact_match=exact_share(hypotheses, corpus.tgt),
        length_ratio=length_ratio(hypotheses, corpus.tgt),
        token_accuracy=token_accuracy([record.ids for record in records], corpus.tgt_ids),
        nats_per_token=-sum(record.log_prob for record in records) / tokens,
        by_source_length=by_source_length(corpus.src, statistics, min_pairs=config.min_pairs),
    )


def by_source_length(
    sources: Sequence[str], statistics: NDArray[np.int64], *, min_pairs: int
) -> dict[str, SourceLengthScores]:
    """Compute corpus BLEU separately for every range of source lengths.

    The length of a source sentence is its number of words separated by white space, so the ranges do not depend on the
    tokenizer.

    Args:
        sources: source sentences.
        statistics: BLEU statistics of the translations, shape (n_sentences, 10).
        min_pairs: minimum number of sentence pairs in a range; for smaller ranges BLEU is not computed.
    """
    words = np.array([len(source.split()) for source in sources])
    groups: dict[str, SourceLengthScores] = {}
    for name, (first, last) in LENGTHS.items():
        # `last or 0`, because `|` evaluates both sides and numpy cannot compare with None.
        rows = np.flatnonzero((words >= first) & ((last is None) | (words <= (last or 0))))
        score = bleu_of(statistics[rows].sum(axis=0)) if len(rows) >= min_pairs else None
        groups[name] = SourceLengthScores(pairs=len(rows), bleu=score)
    return groups


def exact_share(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Return the share of hypotheses that are identical to their reference."""
    return sum(h == r for h, r in zip(hypotheses, references, strict=True)) / len(references)


def length_ratio(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Return the number of words in all hypotheses, divided by the number of words in all references."""
    return sum(len(h.split()) for h in hypotheses) / sum(len(r.split()) for r in references)


def token_accuracy(hypotheses: Sequence[Sequence[int]], references: Sequence[Sequence[int]]) -> float:
    """Return the share of reference tokens, EOS included, that equal the hypothesis token at the same position.

    With teacher forcing, a mistake of the model affects a single token. In free decoding, a mistake can shift or change
    all later tokens. So the difference between the token accuracies with teacher forcing and in free decoding shows
    the exposure bias.
    """
    # strict=False: positions after the end of the shorter sentence count as wrong.
    right = sum(h == r for pair in zip(hypotheses, references, strict=True) for h, r in zip(*pair, strict=False))
    return right / sum(map(len, references))
