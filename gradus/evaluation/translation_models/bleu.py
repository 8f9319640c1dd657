"""BLEU and chrF with their signatures. No other module imports sacrebleu."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

STATISTICS = 10
"""Numbers per sentence that BLEU sums up."""


def bleu(hypotheses: Sequence[str], references: Sequence[str], *, lowercase: bool = False) -> tuple[float, str]:
    """Return corpus BLEU, 0 to 100, and its signature.

    The settings are sacreBLEU's defaults: tokenization 13a of detokenized text, one reference per sentence,
    exponential smoothing. `force` silences a warning about text that looks tokenized: the built-in corpus separates
    full stops by a space.

    Raises:
        ValueError: if there are no sentences, or the numbers of hypotheses and references differ.
    Source: Papineni et al. (2002); Post (2018), A Call for Clarity in Reporting BLEU Scores.
    """
    return _score(BLEU(lowercase=lowercase, force=True), hypotheses, references)


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> tuple[float, str]:
    """Return corpus chrF2, 0 to 100, and its signature.

    Raises:
        ValueError: if there are no sentences, or the numbers of hypotheses and references differ.
    Source: Popović (2015), chrF: character n-gram F-score.
    """
    return _score(CHRF(), hypotheses, references)


def _score(metric: BLEU | CHRF, hypotheses: Sequence[str], references: Sequence[str]) -> tuple[float, str]:
    if len(hypotheses) != len(references) or not hypotheses:
        raise ValueError(f"expected as many hypotheses as references, found {len(hypotheses)} and {len(references)}")
    score = metric.corpus_score(hypotheses, [references]).score
    return float(score), str(metric.get_signature())


def sentence_statistics(hypotheses: Sequence[str], references: Sequence[str]) -> NDArray[np.int64]:
    """Return the numbers that cased BLEU sums over sentences.

    Returns:
        int64 (n_sentences, 10): words of the hypothesis, words of the reference, n-grams of the hypothesis that
        match the reference (orders 1 to 4), all n-grams of the hypothesis (orders 1 to 4).
    """
    rows = BLEU(force=True)._extract_corpus_statistics(hypotheses, [references])
    return np.array(rows, dtype=np.int64).reshape(-1, STATISTICS)


def bleu_of(statistics: NDArray[np.int64]) -> float:
    """Return cased BLEU from the sum of the sentences' statistics, (10,)."""
    return float(BLEU(force=True)._compute_score_from_stats(statistics.tolist()).score)


def bleu_signature() -> str:
    """Return the signature of cased BLEU."""
    return bleu([""], [""])[1]  # sacreBLEU knows the number of references only after it has read some
