"""Gather what the page shows of a study: its question, the verdicts of its claims, and its pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradus.reporting.claims import effect_text
from gradus.reporting.picture import Picture
from gradus.reporting.verdicts import Verdict, replicated, verdicts
from gradus.results.study import StudyResult, Topic

SHOWN = 1
"""Number of pictures of a study that are not folded; they stand beside the claims."""


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
    pictures: Sequence[Picture]
    """Pictures that are shown at once."""
    more: Sequence[Picture]
    """Pictures that are folded."""


def study_blocks(
    studies: Mapping[str, StudyResult], topics: Sequence[Topic], pictures: Mapping[str, Picture]
) -> list[StudyBlock]:
    """Return the blocks of all studies of some topics.

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
    return [
        _block(name, study, claims.get(name, {}), pictures) for name, study in studies.items() if study.topic in topics
    ]


def _block(
    name: str, study: StudyResult, claims: Mapping[str, Sequence[Finding]], pictures: Mapping[str, Picture]
) -> StudyBlock:
    # One picture of every plot first, those of the other corpora after all of them.
    names = [
        f"study_{name}_{plot}_{drawn[number].corpus}"
        for number in range(max(map(len, study.plots.values()), default=0))
        for plot, drawn in study.plots.items()
        if number < len(drawn)
    ]
    found = [pictures[each] for each in names if each in pictures]
    seeds = {each.corpus: len(each.seeds) for claim in study.claims for each in claim.estimates}
    return StudyBlock(name, study, seeds, claims, found[:SHOWN], found[SHOWN:])
