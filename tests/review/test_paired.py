"""Paired intervals contain the planted change; the p-value of BLEU equals that of sacreBLEU."""

import logging
import math

import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.significance import PairedTest

from gradus.evaluation.bootstrap import BootstrapConfig
from gradus.evaluation.language_models.line_scores import LineScores
from gradus.evaluation.translation_models.bleu import bleu_of, sentence_statistics
from gradus.review.headline import Headline
from gradus.review.paired import bleu_differences, bleu_interval, line_interval

CONFIG = BootstrapConfig(resamples=1000, block=20, confidence=0.95)
PERPLEXITY = Headline("perplexity", "line")


def scores(tokens: np.ndarray, nats: np.ndarray, zeros: np.ndarray | None = None) -> LineScores:
    zeros = np.zeros(len(tokens), np.int64) if zeros is None else zeros
    return LineScores("text", "tokenizer", tokens, {"line": nats}, {"line": zeros})


def text(n: int = 500) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    tokens = rng.integers(2, 30, size=n)
    return tokens, tokens * rng.normal(3.0, 1.0, size=n)


def test_the_same_change_at_every_token_is_known_exactly() -> None:
    """Pairing removes the large differences between lines: e^(ln 1.02 per token) - 1 = 2%."""
    tokens, nats = text()
    after = scores(tokens, nats + tokens * math.log(1.02))
    assert line_interval(PERPLEXITY, scores(tokens, nats), after, CONFIG, seed=1) == pytest.approx((0.02, 0.02))


def test_noise_without_a_change_is_covered() -> None:
    """Independent noise in the lines: about 95 of 100 intervals cover zero, and a shift is found."""
    tokens, nats = text()
    covered = found = 0
    for trial in range(100):
        noise = np.random.default_rng(trial).normal(0.0, 1.0, size=len(tokens))
        low, high = line_interval(PERPLEXITY, scores(tokens, nats), scores(tokens, nats + noise), CONFIG, seed=1)
        covered += low <= 0.0 <= high
        shifted = scores(tokens, nats + noise + 0.02 * tokens)
        found += line_interval(PERPLEXITY, scores(tokens, nats), shifted, CONFIG, seed=1)[0] > 0.0
    assert 88 <= covered <= 99
    assert found == 100  # 0.02 nats per token; its standard error is 1 / (sqrt(500) * 15.5) = 0.003


def test_a_short_text_is_not_one_block() -> None:
    """With fifty lines in blocks of fifty, every resample would be the text itself and any difference certain."""
    rng = np.random.default_rng(1)
    tokens, noise = np.full(50, 10), rng.normal(0.0, 5.0, size=50)
    wide = BootstrapConfig(resamples=1000, block=50, confidence=0.95)
    low, high = line_interval(PERPLEXITY, scores(tokens, noise * 0 + 30), scores(tokens, noise + 30), wide, seed=1)
    # standard error: 5 nats / (sqrt(50) lines * 10 tokens) = 0.071 nats per token, 1.96 of it each way
    assert math.log1p(high) - math.log1p(low) == pytest.approx(2 * 1.96 * 0.071, rel=0.35)


def test_tokens_of_probability_zero_are_compared_as_a_share() -> None:
    """Ten more zeros, one per block of fifty lines, are half of twenty; a resample may draw none of the twenty."""
    tokens, nats = text()
    before, after = np.zeros(len(tokens), np.int64), np.zeros(len(tokens), np.int64)
    before[:20] = after[:20] = 1
    after[25::50] += 1
    low, high = line_interval(
        Headline("zero_tokens", "line"), scores(tokens, nats, before), scores(tokens, nats, after), CONFIG, seed=1
    )
    assert 0.0 < low < 0.5 < high < 1.0


WORDS = [*("the", "old", "man", "sees", "a", "young", "dog", "and"), *("sleeps", "near", "his", "house", "in", "the")]


def translations(seed: int, wrong: float) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join("x" if rng.random() < wrong else word for word in WORDS[i % 5 :]) for i in range(120)]


@pytest.mark.parametrize(("seeds", "wrong"), [((1, 2), (0.1, 0.1)), ((1, 2), (0.1, 0.12)), ((3, 4), (0.1, 0.2))])
def test_the_draws_and_the_p_value_are_sacrebleus(
    seeds: tuple[int, int], wrong: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """p = (1 + resamples whose centred absolute difference is at least the observed one) / (1 + resamples)."""
    monkeypatch.setenv("SACREBLEU_SEED", "12345")
    logging.getLogger("sacrebleu").setLevel(logging.ERROR)
    references = [" ".join(WORDS[i % 5 :]) for i in range(120)]
    systems = [translations(*pair) for pair in zip(seeds, wrong, strict=True)]
    named = [(str(number), system) for number, system in enumerate(systems)]
    _, results = PairedTest(named, {"BLEU": BLEU(force=True)}, [references], test_type="bs", n_samples=300)()
    before, after = (sentence_statistics(system, references) for system in systems)
    differences = np.abs(bleu_differences(before, after, 300, seed=12345))
    observed = abs(bleu_of(after.sum(axis=0)) - bleu_of(before.sum(axis=0)))
    p = (1 + np.sum(differences - differences.mean() > observed)) / 301
    assert results["BLEU"][1].p_value == pytest.approx(p)  # type: ignore[union-attr]


def test_the_interval_of_bleu_has_the_change_in_it() -> None:
    references = [" ".join(WORDS[i % 5 :]) for i in range(120)]
    before, after = (sentence_statistics(translations(*pair), references) for pair in ((1, 0.05), (2, 0.2)))
    change = bleu_of(after.sum(axis=0)) - bleu_of(before.sum(axis=0))
    low, high = bleu_interval(before, after, CONFIG, seed=1)
    assert low < change < high < 0.0
    assert bleu_interval(before, before, CONFIG, seed=1) == (0.0, 0.0)
