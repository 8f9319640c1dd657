"""Types of the file metrics/studies/NAME.json, which contains the runs, the claims and the figures of a study."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.results.fields import RESULT, Count, Label, Name, Number, Seed, Share, Unit

Text = Annotated[str, Field(max_length=1000)]
"""A sentence or a label. Code that shows it must escape it."""
File = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]{0,199}$"), Unit("file")]
"""File of the repository. Tables link to it."""
Topic = Literal["ngrams", "window", "recurrence", "training", "attention", "translation", "decoding", "other"]
"""Part of the lecture that a study is about. The report shows the study in this part."""
Minutes = Annotated[float, Field(ge=0, le=1e15), Unit("minutes")]


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Estimate:
    """Estimated effect of a claim on one corpus."""

    corpus: Name
    """Name of the corpus in the study."""
    effect: Number
    """Estimate of the effect. A claim holds if the effect is larger than the claim's `margin`."""
    low: Number
    """Lower bound of the 95% confidence interval of the effect."""
    high: Number
    """Upper bound of the 95% confidence interval of the effect."""
    p_value: Share
    """Probability of an effect at least this far from the margin if the true effect were the margin. It is zero if
    `exact` is true."""
    exact: bool
    """Whether the effect has no error, because it is a count on a fixed text."""
    seeds: list[Seed]
    """Seeds over which the effect is averaged."""
    blocks: Count | None = None
    """Number of blocks of test lines over which the effect is averaged; absent if the effect has one value per seed."""
    rival: Label
    """Compared quantity or model. If a claim names several, the one that is closest to refuting the claim."""
    values: dict[Label, Number]
    """Mean over the seeds of the compared quantities: first the one that the claim favours, then the rival."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class StudyClaim:
    """Claim of a study, with its estimates."""

    sentence: Text
    """The claim, as one sentence."""
    unit: Text
    """Unit of the effect."""
    margin: Number
    """The claim holds if the effect is larger than this number."""
    ratio: bool
    """Whether effects are natural logarithms of ratios; tables show the ratios."""
    estimates: list[Estimate]
    """One estimate per corpus, over the seeds of the study."""
    replications: list[Estimate] = Field(default_factory=list)
    """One estimate per corpus, over the other seeds that the study was run with, if there are at least three."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Point:
    """Point of a line in a plot: a mean over the seeds, with its 95% confidence interval."""

    x: Number
    """Position on the horizontal axis."""
    y: Number
    """Mean over the seeds."""
    low: Number
    """Lower bound of the interval; equal to `y` if there is one seed."""
    high: Number
    """Upper bound of the interval; equal to `y` if there is one seed."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class StudyPlot:
    """Plot of a study on one corpus."""

    corpus: Name
    """Name of the corpus in the study."""
    x: Text
    """Label of the horizontal axis."""
    y: Text
    """Label of the vertical axis."""
    log_x: bool
    """Whether the horizontal axis is logarithmic."""
    log_y: bool
    """Whether the vertical axis is logarithmic."""
    lines: dict[Text, list[Point]]
    """Points of each line."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Cell:
    """Cell of a study's table."""

    mean: Number
    """Mean over the seeds."""
    deviation: Number | None = None
    """Sample standard deviation over the seeds (divisor n - 1); absent if there is one seed."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class StudyRow:
    """Row of a study's table."""

    corpus: Name
    """Name of the corpus in the study."""
    model: Name
    """Name of the model."""
    cells: dict[Text, Cell]
    """Dict from column to cell. A quantity that the model lacks has no cell."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class StudyResult:
    """Result of a study. The key `corpora` holds its runs, which only the command `gradus study` reads."""

    topic: Topic = "other"
    """Part of the lecture that the study is about."""
    question: Text
    """Question that the study answers."""
    equal: Text
    """Properties that all compared models have in common."""
    formula: Text
    """Formula, definition or source of the compared quantities."""
    code: File
    """File of the code that computes them, relative to the repository."""
    minutes: dict[Name, Minutes]
    """Dict from corpus to the minutes of all its runs on one core; stages from the cache take no time."""
    claims: list[StudyClaim]
    """Claims of the study, with their estimates."""
    plots: dict[Name, list[StudyPlot]]
    """Dict from name of a plot to the plot on each corpus."""
    rows: list[StudyRow]
    """Rows of the table."""
