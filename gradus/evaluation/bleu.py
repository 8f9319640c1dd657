"""BLEU and chrF with their signatures (the only importer of sacrebleu)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

STATISTICS = 10
"""Numbers that BLEU sums over sentences."""


def bleu(hypotheses: Sequence[str], references: Sequence[str], *, lowercase: bool = False) -> tuple[float, str]:
    """Return corpus BLEU, 0 to 100, and its signature.

    Tokenization 13a over detokenized text, one reference a sentence, exponential smoothing: sacreBLEU's
    defaults. `force` says that text which looks tokenized (the built-in corpus sets its full stops apart)
    is meant to.

    Raises:
        ValueError: if there are no sentences, or not as many references.
    Source: Papineni et al. (2002); Post (2018), A Call for Clarity in Reporting BLEU Scores.
    """
    metric = BLEU(lowercase=lowercase, force=True)
    return _score(metric, hypotheses, references)


def sentence_statistics(hypotheses: Sequence[str], references: Sequence[str]) -> NDArray[np.int64]:
    """Return what cased BLEU sums over sentences, by sacreBLEU's own extraction.

    Returns:
        int64 (n_sentences, 10): words of the hypothesis and of the reference, n-grams of the hypothesis that the
        reference has, orders 1 to 4, and all its n-grams, orders 1 to 4.
    """
    rows = BLEU(force=True)._extract_corpus_statistics(hypotheses, [references])
    return np.array(rows, dtype=np.int64).reshape(-1, STATISTICS)


def bleu_of(statistics: NDArray[np.int64]) -> float:
    """Return the cased BLEU of statistics that were summed over sentences, (10,)."""
    return float(BLEU(force=True)._compute_score_from_stats(statistics.tolist()).score)


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> tuple[float, str]:
    """Return corpus chrF2, 0 to 100, and its signature.

    Raises:
        ValueError: if there are no sentences, or not as many references.
    Source: Popović (2015), chrF: character n-gram F-score.
    """
    return _score(CHRF(), hypotheses, references)


def _score(metric: BLEU | CHRF, hypotheses: Sequence[str], references: Sequence[str]) -> tuple[float, str]:
    if len(hypotheses) != len(references) or not hypotheses:
        raise ValueError(f"expected as many hypotheses as references, found {len(hypotheses)} and {len(references)}")
    score = metric.corpus_score(hypotheses, [references]).score
    return float(score), str(metric.get_signature())


def text_scores(hypotheses: Sequence[str], references: Sequence[str]) -> dict[str, Any]:
    """Return BLEU as written, BLEU in lower case (for comparison with older papers) and chrF, with signatures."""
    scores: dict[str, Any] = {}
    scores["bleu"], scores["bleu_signature"] = bleu(hypotheses, references)
    scores["bleu_lowercase"], scores["bleu_lowercase_signature"] = bleu(hypotheses, references, lowercase=True)
    scores["chrf"], scores["chrf_signature"] = chrf(hypotheses, references)
    return scores
