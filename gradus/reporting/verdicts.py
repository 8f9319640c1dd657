"""Decide whether claims hold, fail or stay undecided, with a correction for their number."""

from collections.abc import Mapping, Sequence
from typing import Literal

from gradus.results.study import Estimate, StudyClaim, StudyResult

Verdict = Literal["holds", "fails", "undecided"]

SIGNIFICANCE = 0.05
"""Probability of at least one wrong verdict among all claims, if every tested effect equals its margin."""


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for the number of tests.

        adjusted_(i) = max over j <= i of min(1, (m - j + 1) p_(j))

    Here `p_(1) <= ... <= p_(m)` are the sorted p-values. If a test is significant when its adjusted p-value is at most
    alpha, the probability of at least one wrong result among all m tests is at most alpha, also if they depend on each
    other.

    Source: Holm (1979), A simple sequentially rejective multiple test procedure.
    """
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def verdicts(studies: Mapping[str, StudyResult]) -> list[tuple[str, StudyClaim, Estimate, Verdict]]:
    """Return the study, the claim and the verdict of every estimate; all p-values are corrected together.

    A claim holds if its effect is significantly larger than its margin, fails if the effect is significantly smaller,
    and is undecided otherwise.

    Args:
        studies: dict from name of a study to its result.
    """
    rows = [
        (name, claim, estimate)
        for name, study in studies.items()
        for claim in study.claims
        for estimate in claim.estimates
    ]
    adjusted = holm([estimate.p_value for _, _, estimate in rows])
    return [(*row, _verdict(row[1], row[2], p_value)) for row, p_value in zip(rows, adjusted, strict=True)]


def replicated(claim: StudyClaim, estimate: Estimate, count: int) -> Verdict | None:
    """Return the verdict of the same claim on the same corpus with other seeds; None if there are no other seeds.

    Args:
        claim: the claim.
        estimate: the estimate with the seeds of the study.
        count: number of all claims; every p-value is multiplied by it (Bonferroni), which is at least as strict as the
            correction of the first verdict.
    """
    for other in claim.replications:
        if other.corpus == estimate.corpus:
            return _verdict(claim, other, min(1.0, count * other.p_value))
    return None


def _verdict(claim: StudyClaim, estimate: Estimate, p_value: float) -> Verdict:
    if p_value > SIGNIFICANCE:
        return "undecided"
    return "holds" if estimate.effect > claim.margin else "fails"
