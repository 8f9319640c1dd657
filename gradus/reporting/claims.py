"""Make the tables of the studies: claims with their verdicts, the list of studies, and the tables of their models."""

import math
import re
from collections.abc import Mapping

from gradus.markdown import escape
from gradus.reporting.table import MISSING, Marked, Table, exponential, number
from gradus.reporting.training_benchmarks import SPEED
from gradus.reporting.verdicts import replicated, verdicts
from gradus.results.study import Cell, Estimate, StudyClaim, StudyResult, StudyRow
from gradus.results.training_benchmark import TrainingSpeedResult

_SHOWN = {"holds": "holds", "fails": Marked("**fails**"), "undecided": Marked("*undecided*")}
WEIGHTS = "weights"
"""Column of a study's table with the number of weights."""
_GROUPS = {"measured", "generation", "test", "model"}
"""Keys of results that only group other keys."""
_SMALL = 1e-3  # from this number down, scientific notation is shorter
_CAPTION = (
    "Each row is one claim on one corpus. Effect: a claim holds if the effect is above 0, or above the number behind "
    "“margin”. Interval: 95% confidence interval of the effect. Effects in nats per token vary over the seeds and over "
    "blocks of the test text; the others vary over the seeds. Exact: the effect is a count on a fixed text and has no "
    "error. A verdict is *undecided* if chance could explain the difference; with probability 95%, chance explains "
    "none of the other verdicts (Holm's correction). Again: verdict of the same claim with other seeds."
)


def claims_table(studies: Mapping[str, StudyResult]) -> Table:
    """Return the table of all claims, with one row per claim and corpus.

    Args:
        studies: dict from name of a study to its result.
    """
    found = verdicts(studies)
    rows = []
    for name, claim, estimate, verdict in found:
        again = replicated(claim, estimate, len(found))
        rows.append(
            [
                claim.sentence,
                estimate.corpus,
                _effect(claim, estimate),
                _interval(claim, estimate),
                _sample(estimate),
                _SHOWN[verdict],
                _SHOWN[again] if again else MISSING,
                Marked(f"[{name}](../../experiments/studies/{name}.yaml)"),
            ]
        )
    columns = ["claim", "corpus", "effect", "95% interval", "over", "verdict", "again", "study"]
    return Table("claims", _CAPTION, columns, rows)


def studies_table(studies: Mapping[str, StudyResult]) -> Table:
    """Return the list of all studies: question, what is held equal, formula, code and minutes."""
    rows = [
        [
            Marked(f"[{name}](../../experiments/studies/{name}.yaml)"),
            study.question,
            study.equal,
            study.formula,
            Marked(f"[{escape(study.code)}](../../{study.code})"),
            ", ".join(f"{corpus} {number(minutes, 0)}" for corpus, minutes in study.minutes.items()),
        ]
        for name, study in studies.items()
    ]
    return Table(
        "studies",
        "A study answers one question. The command `gradus study NAME` runs it. Minutes: of one core of the "
        "machine that ran the study, for all seeds on each corpus; results from the cache take no time.",
        ["study", "question", "what is equal", "formula", "code", "minutes"],
        rows,
    )


def model_tables(studies: Mapping[str, StudyResult], speed: TrainingSpeedResult | None = None) -> list[Table]:
    """Return one table per study with columns: the measurements of its models on all corpora.

    Args:
        studies: dict from name of a study to its result.
        speed: speed of training. A table has a column for it if the benchmark has a network with the name of a model
            and the number of weights in the model's cell `weights`.
    """
    return [_models(name, study, speed) for name, study in studies.items() if study.rows]


def _models(name: str, study: StudyResult, speed: TrainingSpeedResult | None) -> Table:
    columns = list(dict.fromkeys(column for row in study.rows for column in row.cells))
    rows = [[row.corpus, row.model, *(_cell(row.cells.get(column)) for column in columns)] for row in study.rows]
    caption = f"Models of the study {name}. Mean over the seeds ± sample standard deviation."
    speeds = [_tokens_per_second(row, speed) for row in study.rows]
    if speed is not None and any(speeds):
        columns.append("training, tokens/s")
        rows = [[*row, number(each, 0)] for row, each in zip(rows, speeds, strict=True)]
        caption += f" Tokens/s: median over {speed.runs} runs of the benchmark {SPEED}, not part of the study."
    return Table(f"study_{name}", caption, ["corpus", "model", *columns], rows)


def _tokens_per_second(row: StudyRow, speed: TrainingSpeedResult | None) -> float | None:
    """Return the speed of the network with the same name and the same number of weights; None if there is none."""
    weights = row.cells.get(WEIGHTS)
    for network in speed.networks if speed and weights else ():
        if weights and network.name == row.model and network.parameters == weights.mean:
            return network.tokens_per_second
    return None


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return MISSING
    mean = number(cell.mean, 0) if cell.mean == int(cell.mean) and not cell.deviation else figure(cell.mean)
    return mean if not cell.deviation else f"{mean} ± {figure(cell.deviation)}"


def figure(value: float) -> str:
    """Format a number with about four significant digits."""
    if math.isinf(value):
        return number(value)
    if 0 < abs(value) < _SMALL:
        return f"{value:.3g}"
    digits = 0 if value == 0 else max(0, 3 - math.floor(math.log10(abs(value))))
    return number(value, min(digits, 6))


def _effect(claim: StudyClaim, estimate: Estimate) -> str:
    sides = "; ".join(f"{_in_words(name)}: {figure(value)}" for name, value in estimate.values.items())
    margin = f" (margin {_shown(claim, claim.margin)})" if claim.margin else ""
    return f"{_with_unit(claim, estimate)}{margin}; {sides}"


def _with_unit(claim: StudyClaim, estimate: Estimate) -> str:
    return f"{_shown(claim, estimate.effect)} {'times' if claim.ratio else claim.unit}"


def _in_words(quantity: str) -> str:
    """Write a path such as `lstm.generation.greedy.repeated_4grams` as `lstm greedy repeated_4grams`."""
    names = [quantity] if re.fullmatch(r"[0-9.]+", quantity) else re.split(r"\.(?=\w)", quantity)
    return " ".join(name for name in names if name not in _GROUPS)


def effect_text(claim: StudyClaim, estimate: Estimate) -> str:
    """Return the effect of a claim with its unit and its interval, such as `0.15 nats (0.14 to 0.16)`."""
    margin = f", to be above {_shown(claim, claim.margin)}" if claim.margin else ""
    return f"{_with_unit(claim, estimate)}{margin} ({_interval(claim, estimate)})"


def _interval(claim: StudyClaim, estimate: Estimate) -> str:
    if estimate.exact:
        return "exact"
    return f"{_shown(claim, estimate.low)} to {_shown(claim, estimate.high)}"


def _shown(claim: StudyClaim, effect: float) -> str:
    """Format an effect; a ratio is shown instead of its logarithm."""
    return figure(exponential(effect) if claim.ratio else effect)


def _sample(estimate: Estimate) -> str:
    seeds = f"{len(estimate.seeds)} seed{'s' * (len(estimate.seeds) > 1)}"
    return seeds if estimate.blocks is None else f"{seeds}, {estimate.blocks} blocks"
