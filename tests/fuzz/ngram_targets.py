"""Readers of n-gram counts and models."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from gradus.api import load
from gradus.artifacts.seals import write_seal
from gradus.decoding.beam import Beam
from gradus.decoding.decode import decode
from gradus.decoding.greedy import Greedy
from gradus.decoding.hypothesis import Request
from gradus.decoding.sample import Sample
from gradus.decoding.strategy import Strategy
from gradus.errors import InputError
from gradus.evaluation.cross_entropy import make_score, tally
from gradus.families.language_models import open_folder
from gradus.families.ngrams import NgramFolder
from gradus.ngram.counting.counts import count_ngrams
from gradus.ngram.counting.storage import COUNTS, open_counts, write_counts
from gradus.ngram.scoring.model import unseen_share
from gradus.ngram.scoring.step import NgramStep
from gradus.ngram.scoring.storage import MODELS
from gradus.ngram.smoothing.fit import fit, write_fit
from gradus.ngram.smoothing.jelinek_mercer import JelinekMercer
from gradus.ngram.smoothing.katz import Katz
from gradus.ngram.smoothing.maximum_likelihood import MaximumLikelihood
from gradus.ngram.smoothing.modified_kneser_ney import ModifiedKneserNey
from tests.fuzz.runner import Target
from tests.fuzz.samples import IDS, LINES, TOKENIZER, made, made_model, require, reseal

STRATEGIES: list[Strategy] = [
    Greedy(kind="greedy"),
    Beam(kind="beam", beam_size=2, length_penalty=0.6),
    Sample(kind="sample", temperature=0.7, top_k=4, top_p=0.9),
]


def _require_log_probs(values: NDArray[Any]) -> None:
    require(bool((values <= 1e-3).all()), f"log-probabilities above 0, or no numbers: {values}")


def _make_counts(folder: Path) -> None:
    ids = TOKENIZER.encode_lines(LINES)
    write_counts(made(folder / "counts"), count_ngrams(ids, order=3, vocabulary_size=TOKENIZER.size), TOKENIZER.sha256)
    write_seal(folder / "counts", COUNTS)


def _read_counts(folder: Path) -> object:
    counts = open_counts(folder / "counts")
    if counts.trie.vocabulary_size <= IDS.max():
        raise InputError(folder, expected="the words of the text", found="fewer", remedy="none")
    shares = unseen_share(counts, IDS)
    found = []
    for smoother in (
        ModifiedKneserNey(kind="modified_kneser_ney", prune=[0]),
        Katz(kind="katz", threshold=5),
        JelinekMercer(kind="jelinek_mercer", bucket_tokens=3, tolerance=1e-3, iterations=20),
    ):
        model = fit(smoother, counts, IDS, [counts.order]).model(counts.order)
        scores = model.log_probs(IDS)
        _require_log_probs(scores)
        found.append(scores.tobytes())
    return shares, found


def _make_models(folder: Path) -> None:
    counts = count_ngrams(TOKENIZER.encode_lines(LINES), order=3, vocabulary_size=TOKENIZER.size)
    for name, smoother in (
        ("kneser_ney", ModifiedKneserNey(kind="modified_kneser_ney", prune=[0])),
        ("mle", MaximumLikelihood(kind="mle")),
    ):
        write_fit(made_model(folder / name), fit(smoother, counts, IDS), TOKENIZER.sha256)
        write_seal(folder / name, MODELS)


def _read_models(folder: Path) -> object:
    return [_read_ngrams(folder / name) for name in ("kneser_ney", "mle")]


def _read_ngrams(folder: Path) -> object:
    opened = open_folder(folder)
    if not isinstance(opened, NgramFolder):
        raise InputError(folder, expected="n-grams", found="a network", remedy="none")
    found: list[object] = [asked(folder)]
    for order in opened.orders:
        model = opened.model(order)
        scores = model.log_probs(IDS)
        require(not np.isnan(scores).any() and not np.isposinf(scores).any(), f"scores {scores}")
        cost = make_score(tally(-scores))
        found.append((scores.tobytes(), unseen_share(model, IDS), cost, walked(NgramStep(model))))
    return opened.kind, opened.fitted, found


def asked(folder: Path) -> object:
    """Ask a language model as a user of the library does."""
    model = load(folder)
    score, following = model.score("a b\nzebra a"), model.next("a", 3)
    require(not math.isnan(score.nats) and all(0 < token.probability < 1.001 for token in following), "a probability")
    return model.kind, model.corpus, model.languages, str(score), following, model.complete("a", "greedy", length=3)


def walked(step: Any) -> list[bytes]:
    """Return the distributions along a few rows, which must be numbers."""
    state, rows = step.start(3), []
    for tokens in ([step.first] * 3, [4, 5, 3], [6, 1, 4], [3, 4, 5]):
        log_probs, state = step.step(torch.tensor(tokens), state)
        rows.append(log_probs.numpy())
        require(not np.isnan(rows[-1]).any() and not np.isposinf(rows[-1]).any(), f"a distribution {rows[-1]}")
    return [*(row.tobytes() for row in rows), *(_decoded(step, strategy) for strategy in STRATEGIES)]


def _decoded(step: Any, strategy: Strategy) -> bytes:
    hypotheses = decode(step, Request(2, 5), strategy, torch.Generator().manual_seed(1))
    require(all(math.isfinite(found.log_prob + found.score) for found in hypotheses), "a log-probability")
    return repr(hypotheses).encode()


TARGETS = {
    "ngram_counts": Target(_make_counts, _read_counts, reseal(("counts", COUNTS))),
    "ngram_models": Target(_make_models, _read_models, reseal(("kneser_ney", MODELS), ("mle", MODELS)), cases=80),
}
