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


def study_blocks(
    studies: Mapping[str, StudyResult], topics: Sequence[Topic], pictures: Mapping[str, Picture]
) -> list[StudyBlock]:
    """Return the blocks of all studies of some topics; the study with the most claims comes first and has a picture.

    Args:
        studies: dict from name to study; all of them, because the verdicts are corrected for the number of all claims.
        topics: topics of the chapter.
        pictures: dict from name of a picture to the picture.
    """
    claims: dict[str, dict[str, list[Finding]]] = {}
    found = verdicts(studies)
    for name, claim, estimate, verdict in found:
        again = replicated(claim, estimate, len(found))
        finding = Finding(estimate.corpus, verdict, effect_text(claim, estimate), again)
        claims.setdefault(name, {}).setdefault(claim.sentence, []).append(finding)
    chosen = [name for name, study in studies.items() if study.topic in topics]
    chosen.sort(key=lambda name: -len(studies[name].claims))
    return [
        _block(name, studies[name], claims.get(name, {}), _pictures(name, studies[name], pictures), shown=not number)
        for number, name in enumerate(chosen)
    ]


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
