"""Compute BLEU and chrF, and the signatures that name their settings. Only this module imports sacrebleu."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

STATISTICS = 10
"""Number of BLEU statistics per sentence. Corpus BLEU is computed from the sums of the statistics."""


def bleu(hypotheses: Sequence[str], references: Sequence[str], *, lowercase: bool = False) -> tuple[float, str]:
    """Compute corpus BLEU, 0 to 100, and its signature.

    The text must be detokenized, with one reference per sentence. The settings are sacreBLEU's defaults: tokenizer 13a
    and exponential smoothing.

    Args:
        hypotheses: translations, one per sentence.
        references: reference translations, one per sentence.
        lowercase: whether to compare the texts in lower case.
    Raises:
        ValueError: if there are no sentences, or the numbers of hypotheses and references differ.
    Source: Papineni et al. (2002); Post (2018), A Call for Clarity in Reporting BLEU Scores.
    """
    # `force` silences a warning about tokenized text: the built-in corpus has a space before every full stop.
    return _score(BLEU(lowercase=lowercase, force=True), hypotheses, references)


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> tuple[float, str]:
    """Compute corpus chrF2, 0 to 100, and its signature.

    Args:
        hypotheses: translations, one per sentence.
        references: reference translations, one per sentence.
    Raises:
        ValueError: if there are no sentences, or the numbers of hypotheses and references differ.
    Source: Popović (2015), chrF: character n-gram F-score.
    """
    return _score(CHRF(), hypotheses, references)


def _score(metric: BLEU | CHRF, hypotheses: Sequence[str], references: Sequence[str]) -> tuple[float, str]:
    if len(hypotheses) != len(references) or not hypotheses:
        raise ValueError(
            f"expected at least one hypothesis and equally many references, found {len(hypotheses)} hypotheses and "
            f"{len(references)} references"
        )
    score = metric.corpus_score(hypotheses, [references]).score
    return float(score), str(metric.get_signature())


def sentence_statistics(hypotheses: Sequence[str], references: Sequence[str]) -> NDArray[np.int64]:
    """Compute the statistics of cased BLEU for every sentence.

    Returns:
        int64 (n_sentences, 10). The columns are: number of words in the hypothesis; number of words in the reference;
        for orders 1 to 4, number of hypothesis n-grams that match the reference; for orders 1 to 4, number of all
        hypothesis n-grams.
    """
    # A private method: no public method of sacreBLEU returns the statistics of single sentences.
    rows = BLEU(force=True)._extract_corpus_statistics(hypotheses, [references])
    return np.array(rows, dtype=np.int64).reshape(-1, STATISTICS)


def bleu_of(statistics: NDArray[np.int64]) -> float:
    """Compute cased corpus BLEU from the sum of the statistics of all sentences, shape (10,)."""
    return float(BLEU(force=True)._compute_score_from_stats(statistics.tolist()).score)


def bleu_signature() -> str:
    """Return the signature of cased BLEU, a string that names the settings."""
    return bleu([""], [""])[1]  # sacreBLEU fills in the number of references only when it computes a score
