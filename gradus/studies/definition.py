"""Definition of a study, experiments/studies/NAME.yaml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic.dataclasses import dataclass

from gradus.errors import InputError
from gradus.names import require_name, require_names
from gradus.params import STRICT, read_file
from gradus.pipeline.overlay import overlay
from gradus.pipeline.recipe import MODELS
from gradus.results.fields import Name, Number, Seed
from gradus.results.study import File, Text, Topic

STUDIES = Path("experiments/studies")
"""Folder of the studies."""

_QUANTITY = r"[A-Za-z]\w*(\.\w+)+"
Quantity = Annotated[str, Field(pattern=rf"^{_QUANTITY}( / {_QUANTITY})?$", max_length=400)]
"""Name of a model, followed by the path of a number in its results, such as `lstm.test.stream.perplexity`, or
`lstm.measured.memory.full_nats` for the measurement `memory`; or the quotient of two such numbers, `A / B`."""
Numbers = Annotated[str, Field(pattern=rf"^{_QUANTITY}$", max_length=400)]
"""Name of a model, followed by the path of a list of numbers in its results."""
Path_ = Annotated[str, Field(pattern=r"^\w+(\.\w+)*$", max_length=200)]
"""Path of a number or of a list of numbers in the results of a model."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Better:
    """Claim that one model predicts the test text better than other models."""

    sentence: Text
    better: Name
    """The model that should have the lower loss."""
    worse: Annotated[list[Name], Field(min_length=1)]
    """The other models. The claim must hold against each of them."""
    loss: Path_
    """Compared loss: the context in which the models score the test text, `line` or `stream`; or the path of sums in
    blocks of lines, such as `measured.contexts.blocks_seen`, for the lists `PATH_nats` and `PATH_tokens`."""
    worse_loss: Path_ | None = None
    """Loss of the other models, if it is another one."""
    by: Number = 0.0
    """The difference must be larger than this number of nats per token."""
    corpora: list[Name] = Field(default_factory=list)
    """Corpora of the claim; by default all corpora of the study."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Larger:
    """Claim that one quantity is larger than other quantities, or nearer to a third quantity."""

    sentence: Text
    larger: Quantity | None = None
    """The quantity that should be larger."""
    nearer: Quantity | None = None
    """The quantity that should have the smaller distance to the quantity `to`."""
    to: Quantity | None = None
    than: Annotated[list[Quantity | Number], Field(min_length=1)]
    """The other quantities, or numbers. The claim must hold against each of them."""
    unit: Text
    """Unit of the difference."""
    by: Number = 0.0
    """The difference, or the logarithm of the ratio, must be larger than this number."""
    ratio: bool = False
    """Whether the ratio is compared instead of the difference. All quantities must be positive."""
    exact: bool = False
    """Whether the quantities are counts on a fixed text, which have no error."""
    corpora: list[Name] = Field(default_factory=list)
    """Corpora of the claim; by default all corpora of the study."""

    @model_validator(mode="after")
    def _check_form(self) -> "Larger":
        if (self.larger is None) == (self.nearer is None) or (self.nearer is None) != (self.to is None):
            raise ValueError("either the key larger, or the keys nearer and to")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Varies:
    """Claim about the share of a quantity's variance that is due to the corpus; the rest is due to the seed.

    All corpora of the study must have equally many seeds.
    """

    sentence: Text
    varies: Quantity
    by: Annotated[float, Field(ge=0, lt=1)]
    """The share must be larger than this number."""


def _form(values: Any) -> str:
    """Return the form of a claim by its first key, so that an error is about the keys of this form."""
    found = (key.title() for key in ("better", "varies") if isinstance(values, Mapping) and key in values)
    return next(found, "Larger")


Claim = Annotated[
    Annotated[Better, Tag("Better")] | Annotated[Larger, Tag("Larger")] | Annotated[Varies, Tag("Varies")],
    Discriminator(_form),
]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Line:
    """Line of a plot: several numbers, or the numbers of a list."""

    points: dict[Quantity, Number] = Field(default_factory=dict)
    """Dict from number to its position on the horizontal axis."""
    values: Numbers | None = None
    """List of numbers."""
    at: Numbers | None = None
    """List of their positions on the horizontal axis."""
    corpora: list[Name] = Field(default_factory=list)
    """Corpora on which the line is drawn; by default all corpora of the study."""

    @model_validator(mode="after")
    def _check_form(self) -> "Line":
        if bool(self.points) == (self.values is not None) or (self.values is None) != (self.at is None):
            raise ValueError("either the key points, or the keys values and at")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Plot:
    """Plot of a study, drawn for each corpus."""

    x: Text
    """Label of the horizontal axis, with the unit."""
    y: Text
    """Label of the vertical axis, with the unit."""
    lines: Annotated[dict[Text, Line], Field(min_length=1)]
    log_x: bool = False
    log_y: bool = False


@dataclass(frozen=True, kw_only=True, config=STRICT)
class StudyCorpus:
    """Corpus of a study."""

    seeds: Annotated[list[Seed], Field(min_length=1)]
    """Values of the parameter `seed`, one run for each."""
    params: dict[str, Any] = Field(default_factory=dict)
    """Changes of params.yaml for this corpus, besides those of the study; see `gradus.pipeline.overlay`."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Study:
    """Content of experiments/studies/NAME.yaml."""

    topic: Topic = "other"
    """Part of the lecture that the study is about; the report shows the study there."""
    question: Text
    """Question that the study answers."""
    equal: Text
    """Properties that all compared models have in common."""
    equal_weights: list[Name] = Field(default_factory=list)
    """Models whose numbers of weights must differ by at most 5%."""
    formula: Text
    """Formula, definition or source of the compared quantities."""
    code: File
    """File of the code that computes them."""
    stages: Annotated[list[Name], Field(min_length=1)]
    """Entries of dvc.yaml that run, with everything upstream of them."""
    models: Annotated[list[Name], Field(min_length=1)]
    """Smoothers, networks and mixtures that run; all other models of params.yaml are left out."""
    strategies: list[Name] = Field(default_factory=lambda: ["greedy"])
    """Decoding strategies that run; all others are left out. Most studies need no text, but `evaluate_lm` reads one."""
    corpora: Annotated[dict[Name, StudyCorpus], Field(min_length=1)]
    params: dict[str, Any] = Field(default_factory=dict)
    """Changes of params.yaml; see `gradus.pipeline.overlay`."""
    claims: Annotated[list[Claim], Field(min_length=1)]
    plots: dict[Name, Plot] = Field(default_factory=dict)
    columns: dict[Text, Path_] = Field(default_factory=dict)
    """Columns of the table that has one row per model: dict from heading to the path of a number."""


def read_study(name: str, folder: Path) -> Study:
    """Read a study.

    Raises:
        InputError: if the name is invalid, the study does not exist, or a key is missing, unknown or out of range.
    """
    require_name(name, "study")
    path = folder / f"{name}.yaml"
    if not path.exists():
        expected = f"a study ({', '.join(study_names(folder)) or 'none exist yet'})"
        raise InputError(path, expected=expected, found="no file", remedy="correct the name, or write the file")
    study = read_file(path, Study)
    for where, params in {"params": study.params, **_corpus_params(study)}.items():
        require_names(params, f"{path}: {where}")
    _require_corpora(study, path)
    _require_models(study, path)
    _require_groups(study, path)
    return study


def _require_corpora(study: Study, path: Path) -> None:
    """Refuse a claim or a line of a plot that names a corpus which the study lacks."""
    named = {
        f"claims.{number}": claim.corpora for number, claim in enumerate(study.claims) if not isinstance(claim, Varies)
    }
    for name, plot in study.plots.items():
        named |= {f"plots.{name}.lines.{label}": line.corpora for label, line in plot.lines.items()}
    for where, corpora in named.items():
        for corpus in corpora:
            if corpus not in study.corpora:
                expected = f"one of {', '.join(study.corpora)}"
                raise InputError(
                    f"{path}: {where}.corpora", expected=expected, found=corpus, remedy="correct the study"
                )


def _require_models(study: Study, path: Path) -> None:
    """Refuse a study that reads the results of a model that it does not run."""
    for model in sorted((losses_of(study).keys() | quantities_of(study).keys()) - {"*", *study.models}):
        where, expected = f"{path}: claims, plots and equal_weights", f"models of the study ({', '.join(study.models)})"
        raise InputError(where, expected=expected, found=model, remedy="correct the study")


def _require_groups(study: Study, path: Path) -> None:
    """Refuse a claim about the variance between corpora if there are too few corpora or seeds."""
    if any(isinstance(claim, Varies) for claim in study.claims):
        counts = [len(corpus.seeds) for corpus in study.corpora.values()]
        if len(counts) < 2 or min(counts) < 2 or len(set(counts)) > 1:
            expected = "at least two corpora, all with the same number of seeds, at least two"
            found = ", ".join(f"{name} with {count}" for name, count in zip(study.corpora, counts, strict=True))
            raise InputError(f"{path}: corpora", expected=expected, found=found, remedy="correct the study")


def _corpus_params(study: Study) -> dict[str, dict[str, Any]]:
    return {f"corpora.{name}.params": corpus.params for name, corpus in study.corpora.items()}


def study_params(study: Study, corpus: str, base: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a study's runs on one corpus: only its models, with all changes.

    Args:
        study: the study.
        corpus: name of a corpus of the study.
        base: content of params.yaml.
    Raises:
        InputError: if the study changes a key that params.yaml lacks, or names a model or a strategy that is not there.
    """
    params = overlay(overlay(base, study.params), study.corpora[corpus].params)
    models = {section: _section(params, section) for section in MODELS["lm"]}
    strategies, texts = _section(params, "decode.lm.strategies"), _section(params, "decode.lm")
    for name in study.models:
        _require(name, "models", [known for entries in models.values() for known in entries])
    for name in study.strategies:
        _require(name, "strategies", list(strategies))
    for section, entries in models.items():
        # DVC cannot write a section without keys; the stages of a study do not read a section without its models.
        if kept := {name: entries[name] for name in study.models if name in entries}:
            params[section] = kept
    chosen = {name: strategies[name] for name in study.strategies}
    return params | {"decode": {**params["decode"], "lm": {**texts, "strategies": chosen}}}


def _section(params: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    values: Any = params
    for part in name.split("."):
        values = values.get(part) if isinstance(values, Mapping) else None
    if not isinstance(values, Mapping):
        where, remedy = f"params.yaml, changed by the study: {name}", "correct params.yaml or the study"
        raise InputError(where, expected="keys with values", found="something else", remedy=remedy)
    return values


def _require(name: str, key: str, known: list[str]) -> None:
    if name not in known:
        expected = f"one of {', '.join(known)}"
        raise InputError(f"study: {key}", expected=expected, found=name, remedy="correct the study")


def study_names(folder: Path) -> list[str]:
    """Return the names of all studies in a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def corpora_of(study: Study, part: Better | Larger | Line) -> list[str]:
    """Return the corpora of a claim or of a line, in the order of the study."""
    return [name for name in study.corpora if not part.corpora or name in part.corpora]


def quantities_of(study: Study, corpus: str = "") -> dict[str, set[str]]:
    """Return a dict from model to the paths of the numbers that the claims and the plots name.

    The key `*` holds the paths that the study reads from every model that has them.

    Args:
        study: the study.
        corpus: corpus of the claims and lines; empty for all corpora.
    """
    found: dict[str, set[str]] = {"*": set(study.columns.values())}
    named: list[str | float | None] = [f"{model}.model.parameters" for model in study.equal_weights]
    for claim in study.claims:
        if isinstance(claim, Varies):
            named.append(claim.varies)
        elif isinstance(claim, Larger) and _concerns(study, claim, corpus):
            named += [claim.larger, claim.nearer, claim.to, *claim.than]
    for plot in study.plots.values():
        for line in plot.lines.values():
            named += [*line.points, line.values, line.at] if _concerns(study, line, corpus) else []
    for quantity in named:
        for each in quantity.split(" / ") if isinstance(quantity, str) else ():
            model, _, path = each.partition(".")
            found.setdefault(model, set()).add(path)
    return found


def losses_of(study: Study, corpus: str = "") -> dict[str, set[str]]:
    """Return a dict from model to the losses that the claims compare on a corpus; empty for all corpora."""
    found: dict[str, set[str]] = {}
    for claim in study.claims:
        if isinstance(claim, Better) and _concerns(study, claim, corpus):
            found.setdefault(claim.better, set()).add(claim.loss)
            for model in claim.worse:
                found.setdefault(model, set()).add(claim.worse_loss or claim.loss)
    return found


def _concerns(study: Study, part: Better | Larger | Line, corpus: str) -> bool:
    return not corpus or corpus in corpora_of(study, part)
