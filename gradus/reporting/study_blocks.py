"""Gather what the page shows of a study: its question, the verdicts of its claims, and its pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradus.reporting.claims import effect_text
from gradus.reporting.picture import Picture
from gradus.reporting.verdicts import Verdict, replicated, verdicts
from gradus.results.study import StudyResult, Topic


@dataclass(frozen=True)
class Finding:
    """Verdict of a claim on one corpus."""

    corpus: str
    verdict: Verdict
    effect: str
    """Effect with its unit and its interval."""
    again: Verdict | None
    """Verdict with other seeds; None if the study was not repeated."""


@dataclass(frozen=True)
class StudyBlock:
    """Part of the page about one study."""

    name: str
    study: StudyResult
    seeds: Mapping[str, int]
    """Dict from corpus to the number of seeds."""
    claims: Mapping[str, Sequence[Finding]]
    """Dict from the sentence of a claim to its verdicts, one per corpus."""
    picture: Picture | None
    """Picture that stands beside the claims; None if all are folded."""
    more: Sequence[Picture]
    """Pictures that are folded."""


def study_blocks(studies: Mapping[str, StudyResult], pictures: Mapping[str, Picture]) -> dict[Topic, list[StudyBlock]]:
    """Return a dict from topic to its studies; the one with the most claims comes first and has a picture.

    Args:
        studies: dict from name to study.
        pictures: dict from name of a picture to the picture.
    """
    claims: dict[str, dict[str, list[Finding]]] = {}
    found = verdicts(studies)
    for name, claim, estimate, verdict in found:
        again = replicated(claim, estimate, len(found))
        finding = Finding(estimate.corpus, verdict, effect_text(claim, estimate), again)
        claims.setdefault(name, {}).setdefault(claim.sentence, []).append(finding)
    blocks: dict[Topic, list[StudyBlock]] = {}
    for name, study in sorted(studies.items(), key=lambda item: -len(item[1].claims)):
        same = blocks.setdefault(study.topic, [])
        same.append(_block(name, study, claims.get(name, {}), _pictures(name, study, pictures), shown=not same))
    return blocks


def _block(
    name: str,
    study: StudyResult,
    claims: Mapping[str, Sequence[Finding]],
    pictures: Sequence[Picture],
    *,
    shown: bool,
) -> StudyBlock:
    seeds = {each.corpus: len(each.seeds) for claim in study.claims for each in claim.estimates}
    first = pictures[0] if shown and pictures else None
    return StudyBlock(name, study, seeds, claims, first, pictures[1:] if first else pictures)


def _pictures(name: str, study: StudyResult, pictures: Mapping[str, Picture]) -> list[Picture]:
    """Return the pictures of a study: every plot on its first corpus, then on the second one, and so on."""
    names = [
        f"study_{name}_{plot}_{drawn[number].corpus}"
        for number in range(max(map(len, study.plots.values()), default=0))
        for plot, drawn in study.plots.items()
        if number < len(drawn)
    ]
    return [pictures[each] for each in names if each in pictures]
