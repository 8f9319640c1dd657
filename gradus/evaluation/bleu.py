"""BLEU and chrF with their signatures (the only importer of sacrebleu)."""

from collections.abc import Sequence
from typing import Any

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF


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
