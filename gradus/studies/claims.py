"""Estimate the effects of a study's claims from its runs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradus.errors import InputError
from gradus.results.fields import PLOTTED
from gradus.results.study import Estimate, StudyClaim
from gradus.studies.definition import Better, Larger, Study, Varies, corpora_of
from gradus.studies.runs import StudyRun
from gradus.studies.statistics import LEAST_SEEDS, BlockLoss, Effect, over_seeds, over_seeds_and_blocks, share_between

ALL = "all"
"""Stands for the corpus of a claim that is about all corpora of a study together."""


@dataclass(frozen=True)
class _Comparison:
    """Comparison of the quantity that a claim favours with one rival."""

    effect: Effect
    rival: str
    values: dict[str, float]
    blocks: int | None = None


def claim_results(study: Study, runs: Mapping[str, Sequence[StudyRun]]) -> list[StudyClaim]:
    """Return the claims of a study with their estimates on each corpus.

    Args:
        study: the study.
        runs: dict from corpus to all its runs. Runs whose seed the study does not name are a replication.
    Raises:
        InputError: if a claim is about models that depend on the seed, and has too few seeds.
    """
    return [_result(study, claim, runs) for claim in study.claims]


def _result(study: Study, claim: Better | Larger | Varies, runs: Mapping[str, Sequence[StudyRun]]) -> StudyClaim:
    if isinstance(claim, Varies):
        return _variation(study, claim, runs)
    first, again = [], []
    for corpus in corpora_of(study, claim):
        seeds = study.corpora[corpus].seeds
        own = [run for run in runs.get(corpus, ()) if run.seed in seeds]
        others = [run for run in runs.get(corpus, ()) if run.seed not in seeds]
        if len(own) == len(seeds):
            first.append(_estimate(claim, corpus, own))
        if len(others) >= LEAST_SEEDS:
            again.append(_estimate(claim, corpus, others))
    return StudyClaim(
        sentence=claim.sentence,
        unit="nats per token" if isinstance(claim, Better) else claim.unit,
        margin=claim.by,
        ratio=isinstance(claim, Larger) and claim.ratio,
        estimates=first,
        replications=again,
    )


def _variation(study: Study, claim: Varies, runs: Mapping[str, Sequence[StudyRun]]) -> StudyClaim:
    """Compare the variance between the corpora with the variance over the seeds."""
    own = [
        [number_of(run, claim.varies) for run in runs.get(corpus, ()) if run.seed in settings.seeds]
        for corpus, settings in study.corpora.items()
    ]
    complete = all(
        len(values) == len(settings.seeds) for values, settings in zip(own, study.corpora.values(), strict=True)
    )
    estimates = []
    if complete:
        groups = np.array(own)
        effect = share_between(groups, claim.by)
        values = {
            "deviation between corpora": float(groups.mean(axis=1).std(ddof=1)),
            "deviation over seeds": math.sqrt(float(groups.var(axis=1, ddof=1).mean())),
        }
        comparison = _Comparison(effect, claim.varies, values)
        estimates = [_as_estimate(comparison, ALL, next(iter(study.corpora.values())).seeds)]
    return StudyClaim(
        sentence=claim.sentence, unit="share of the variance", margin=claim.by, ratio=False, estimates=estimates
    )


def _estimate(claim: Better | Larger, corpus: str, runs: Sequence[StudyRun]) -> Estimate:
    """Compare the favoured quantity with each rival, and combine the comparisons.

    A claim against several rivals is true only if it is true against each of them. So the largest p-value counts
    (Berger, 1982, the intersection-union test). To refute it, one rival suffices, so the p-value of the strongest
    rival is multiplied by the number of rivals (Bonferroni).
    """
    if isinstance(claim, Better):
        compared = [_losses(claim, rival, runs) for rival in claim.worse]
    else:
        compared = [_quantities(claim, rival, runs) for rival in claim.than]
    closest = min(compared, key=lambda each: each.effect.mean)
    if closest.effect.mean > claim.by:
        p_value = max(each.effect.p_value for each in compared)
    else:
        p_value = min(1.0, closest.effect.p_value * len(compared))
    combined = replace(closest, effect=replace(closest.effect, p_value=p_value))
    exact = isinstance(claim, Larger) and claim.exact
    return _as_estimate(combined, corpus, [run.seed for run in runs], exact=exact)


def _as_estimate(found: _Comparison, corpus: str, seeds: list[int], *, exact: bool = False) -> Estimate:
    return Estimate(
        corpus=corpus,
        effect=_bounded(found.effect.mean),
        low=_bounded(found.effect.low),
        high=_bounded(found.effect.high),
        p_value=found.effect.p_value,
        exact=exact,
        seeds=seeds,
        blocks=found.blocks,
        rival=found.rival,
        values=found.values,
    )


def _losses(claim: Better, rival: str, runs: Sequence[StudyRun]) -> _Comparison:
    if len(runs) not in (1, *range(LEAST_SEEDS, len(runs) + 1)):
        raise _too_few(claim.sentence, len(runs))
    sides = ((claim.better, claim.loss), (rival, claim.worse_loss or claim.loss))
    better, worse = (_block_loss(runs, *side) for side in sides)
    if len(better.tokens) != len(worse.tokens):
        found = f"{len(better.tokens)} and {len(worse.tokens)} blocks"
        remedy = "compare losses in blocks of equal length"
        raise InputError(claim.sentence, expected="two losses in the same blocks", found=found, remedy=remedy)
    effect = over_seeds_and_blocks(worse, better, claim.by)
    values = {
        f"perplexity of {model} ({loss.rpartition('.')[2]})": _bounded(math.exp(min(side.per_token, 700.0)))
        for (model, loss), side in zip(sides, (better, worse), strict=True)
    }
    return _Comparison(effect, rival, values, len(better.tokens))


def _block_loss(runs: Sequence[StudyRun], model: str, loss: str) -> BlockLoss:
    sums = [run.losses[model][loss] for run in runs]
    if any(each.tokens != sums[0].tokens for each in sums):
        remedy = "run the study again with --replace"
        raise InputError(f"{model}.{loss}", expected="the same tokens with all seeds", found="others", remedy=remedy)
    return BlockLoss(np.array([each.nats for each in sums]), np.array(sums[0].tokens))


def _quantities(claim: Larger, rival: str | float, runs: Sequence[StudyRun]) -> _Comparison:
    favoured = claim.larger or claim.nearer or ""
    one, other = (np.array([number_of(run, name) for run in runs]) for name in (favoured, rival))
    values = {favoured: float(one.mean()), str(rival): float(other.mean())}
    if claim.to:
        target = np.array([number_of(run, claim.to) for run in runs])
        values[claim.to] = float(target.mean())
        one, other = -abs(one - target), -abs(other - target)
    if claim.ratio and min(one.min(), other.min()) <= 0:
        found, remedy = f"{favoured} or {rival} at most 0", "compare the difference in the study"
        raise InputError(claim.sentence, expected="positive quantities in a ratio", found=found, remedy=remedy)
    differences = np.log(one) - np.log(other) if claim.ratio else one - other
    if claim.exact:
        mean = float(differences.mean())
        return _Comparison(Effect(mean, mean, mean, 1.0 if mean == claim.by else 0.0), str(rival), values)
    if len(runs) < LEAST_SEEDS:
        raise _too_few(claim.sentence, len(runs))
    return _Comparison(over_seeds(differences, claim.by), str(rival), values)


def number_of(run: StudyRun, name: str | float) -> float:
    """Return a quantity of a run: a number, or the quotient `A / B` of two numbers; return a number as it is.

    Raises:
        InputError: if the run does not have the number, or a divisor is zero.
    """
    if not isinstance(name, str):
        return float(name)
    if " / " in name:
        upper, lower = (number_of(run, part) for part in name.split(" / "))
        if lower == 0:
            remedy = "compare other quantities in the study"
            raise InputError(name, expected="a divisor other than zero", found="zero", remedy=remedy)
        return _bounded(upper / lower)
    model, _, path = name.partition(".")
    value = run.values.get(model, {}).get(path)
    if not isinstance(value, int | float):
        found = "nothing" if value is None else "a list"
        raise InputError(name, expected="a number in the results", found=found, remedy="correct the path in the study")
    return _bounded(float(value))


def _bounded(value: float) -> float:
    """Cut an enormous value of a diverged training; the numbers of a result file are at most `PLOTTED`."""
    return min(max(value, -PLOTTED), PLOTTED)


def _too_few(sentence: str, seeds: int) -> InputError:
    found, remedy = f"{seeds} seed{'s' * (seeds > 1)}", "add seeds to the study"
    return InputError(sentence, expected=f"at least {LEAST_SEEDS} seeds", found=found, remedy=remedy)
