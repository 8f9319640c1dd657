"""Messages about wrong values: plain words in one form, for every key of every file that a user writes."""

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core._pydantic_core import list_all_errors
from pydantic_core.core_schema import ErrorType
from study_cases import shown_study

from gradus.corpora.acquire import read_source
from gradus.corpora.builtin.sampling import BuiltinConfig
from gradus.corpora.entry import Entry
from gradus.corpora.registry import REGISTRY
from gradus.errors import InputError
from gradus.evaluation.adaptation.table import read_adaptation
from gradus.evaluation.bootstrap import BootstrapConfig
from gradus.evaluation.neural import ScoringConfig
from gradus.inference.generation import GenerateConfig
from gradus.inference.translation import TranslateConfig
from gradus.mixtures.config import read_mixture
from gradus.networks.language_models.build import LMConfig
from gradus.networks.translation_models.build import MTConfig
from gradus.ngram.smoothing.smoothers import read_smoother
from gradus.params import read_file, read_params, validated
from gradus.pipeline.recipe import read_recipe, recipe_names
from gradus.refusal import first_problem
from gradus.results.files import as_json, read_result
from gradus.results.language_model import NgramResult
from gradus.results.recipe import RecipeResult
from gradus.results.study import StudyResult
from gradus.results.translation import TranslationResult
from gradus.review.policy import POLICY, CIConfig, read_policy
from gradus.runtime import read_runtime
from gradus.studies.definition import STUDIES, read_study
from gradus.text.tokenizers.config import read_tokenizer_config
from gradus.training.launching import PROCESSES
from gradus.yaml_files import read_yaml
from stages.count_ngrams import CountConfig
from stages.evaluate_mt import EvaluateMTConfig
from stages.measure_lm import AnyMeasurement as NetworkMeasurement
from stages.measure_ngram import AnyMeasurement as NgramMeasurement
from stages.train_lm import TrainLMConfig
from stages.train_mt import TrainMTConfig

PARAMS, EXPERIMENTS = Path("params.yaml"), Path("experiments")
SCORING = {"stride": 32, "chunk": 1024, "batch": 64}
MEASURED: dict[str, Any] = {
    "measure_lm": {
        "memory": {"kind": "memory", "lengths": [1, 2], "tokens": 10, "threshold": 0.01, "scoring": SCORING},
        "state": {"kind": "state", "chunks": [4], "batch": 64, "columns": 256},
    },
    "measure_ngram": {"contexts": {"kind": "contexts", "block": 50}},
    "adapt_lm": {
        "cache": {"kind": "cache", "model": "lstm", "weight": 0.1, "theta": 1.0, "window": 500},
        "dynamic": {
            **{"kind": "dynamic", "model": "lstm", "segment": 5, "learning_rate": 5e-5},
            **{"decay": 0.002, "epsilon": 2e-5, "batch": 100},
        },
    },
}
"""Entries of the sections that are empty in the shipped file."""
SHIPPED: dict[str, Any] = read_file(PARAMS, dict) | MEASURED
SECTIONS: dict[str, Callable[[str], Any]] = {
    "seed": lambda _: read_runtime(PARAMS),
    "threads": lambda _: read_runtime(PARAMS),
    "processes": lambda _: read_params(PARAMS, "processes", PROCESSES),
    "device": lambda _: read_runtime(PARAMS),
    "numerics": lambda _: read_runtime(PARAMS),
    "acquire": lambda name: read_source(PARAMS, name),  # type: ignore[arg-type]
    "builtin": lambda _: read_params(PARAMS, "builtin", BuiltinConfig),
    "tokenize": lambda name: read_tokenizer_config(PARAMS, name),  # type: ignore[arg-type]
    "count_ngrams": lambda _: read_params(PARAMS, "count_ngrams", CountConfig),
    "smooth_ngrams": lambda name: read_smoother(PARAMS, name),
    "train_lm": lambda name: read_params(PARAMS, f"train_lm.{name}", TrainLMConfig),
    "interpolate": lambda name: read_mixture(PARAMS, name),
    "adapt_lm": lambda name: read_adaptation(PARAMS, name),
    "score_lm": lambda _: read_params(PARAMS, "score_lm", ScoringConfig),
    "train_mt": lambda name: read_params(PARAMS, f"train_mt.{name}", TrainMTConfig),
    "decode": lambda name: read_params(PARAMS, f"decode.{name}", GenerateConfig if name == "lm" else TranslateConfig),
    "evaluate_lm": lambda _: read_params(PARAMS, "evaluate_lm", BootstrapConfig),
    "evaluate_mt": lambda _: read_params(PARAMS, "evaluate_mt", EvaluateMTConfig),
    "measure_lm": lambda name: read_params(PARAMS, f"measure_lm.{name}", NetworkMeasurement),  # type: ignore[arg-type]
    "measure_ngram": lambda name: read_params(PARAMS, f"measure_ngram.{name}", NgramMeasurement),  # type: ignore[arg-type]
    "ci": lambda _: read_params(PARAMS, "ci", CIConfig),
}
WRONG: tuple[Any, ...] = (
    *(None, True, "", "x", "$x^$", -1, 0, 1.5, 10**18, 1e300),
    *([], ["x"], [1, "x"], [2, 1], {}, {"kind": "x"}, {"x": {}}),
)
OF_EACH_TYPE: tuple[Any, ...] = (None, True, "$x^$", -1, [1, "x"], {"x": {}})
FOREIGN = re.compile(
    r"input (should|is)|should|value error|valid |validat|constrained|instance|extra|field|args|\btag|function-|"
    r"literal|dataclass|dictionary|pydantic|pars(e|ing)|assertion|schema|\{(?!\d)",
    re.IGNORECASE,
)
"""Words of pydantic, which no message contains."""
FORM = re.compile(r"(?P<where>.+?): expected (?P<expected>.+?), found (?P<found>.+); [a-z].+")


def places(values: Any, *above: str | int) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to every key of nested mappings and to the first entry of lists."""
    inner = values.items() if isinstance(values, dict) else list(enumerate(values))[:1]
    for key, value in inner:
        yield (*above, key)
        if isinstance(value, dict | list):
            yield from places(value, *above, key)


def changed(values: Any, place: tuple[str | int, ...], wrong: Any) -> Any:
    """Return a copy of nested values with another value at a place."""
    copied = copy.deepcopy(values)
    inner = copied
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = wrong
    return copied


def require_plain(read: Callable[[], Any]) -> int:
    """Read wrong values; refuse a message of another form or with pydantic's words; count the messages."""
    try:
        read()
    except InputError as error:
        message = str(error)
        assert FORM.fullmatch(message), message
        assert not FOREIGN.search(re.sub(r"'[^']*'", "", error.expected)), message
        assert len(error.found) < 80 and message.isprintable() and "another value" not in error.expected, message
        return 1
    return 0


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[Path, Any]:
    """Contents that take the place of YAML files, by path."""
    contents: dict[Path, Any] = {}
    monkeypatch.setattr("gradus.params.read_yaml", lambda path: contents[path] if path in contents else read_yaml(path))
    return contents


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_of_the_parameters(files: dict[Path, Any], section: str) -> None:
    assert set(SECTIONS) == set(SHIPPED)
    refused = 0
    for place in places({section: SHIPPED[section]}):
        for wrong in WRONG:
            files[PARAMS] = changed(SHIPPED, place, wrong)
            name = str(place[1]) if len(place) > 1 else "lm"
            refused += require_plain(lambda name=name: SECTIONS[section](name))  # type: ignore[misc]
    assert refused


def test_every_key_of_the_gate(files: dict[Path, Any]) -> None:
    for place in places(read_yaml(POLICY)):
        for wrong in WRONG:
            files[POLICY] = changed(read_yaml(POLICY), place, wrong)
            require_plain(read_policy)


@pytest.mark.parametrize("name", recipe_names(EXPERIMENTS))
def test_every_key_of_a_recipe(files: dict[Path, Any], name: str) -> None:
    path = EXPERIMENTS / f"{name}.yaml"
    shipped = read_yaml(path)
    for place in (("description",), ("tracks",), ("tracks", 0), ("params",), ("another",)):
        for wrong in WRONG:
            files[path] = changed(shipped, place, wrong)
            require_plain(lambda: read_recipe(name, EXPERIMENTS))


CLAIMS: dict[str, dict[str, Any]] = {
    "better": {"better": "lstm", "worse": ["gru"], "loss": "line", "worse_loss": "stream"},
    "larger": {
        "larger": "lstm.a / gru.a",
        "than": [1.0, "gru.a"],
        "unit": "u",
        "ratio": True,
        "exact": True,
        "by": 0.1,
    },
    "nearer": {"nearer": "lstm.a", "to": "gru.b", "than": ["gru.a"], "unit": "u", "corpora": ["one"]},
    "varies": {"varies": "lstm.a", "by": 0.5},
}


@pytest.mark.parametrize("form", CLAIMS)
def test_every_key_of_a_study(files: dict[Path, Any], form: str) -> None:
    shipped = read_yaml(STUDIES / "recurrence.yaml") | {"params": {}, "claims": [{"sentence": "a"} | CLAIMS[form]]}
    shipped["corpora"] = {name: {"seeds": [1, 2], "params": {}} for name in ("one", "two")}
    shipped["plots"] = {name: {"x": "x", "y": "y", "log_x": True, "lines": {"line": line}} for name, line in {
        "numbers": {"points": {"lstm.a.b": 1, "gru.a.b / lstm.a": 2.5}},
        "lists": {"values": "lstm.a.b", "at": "lstm.a.c"},
    }.items()}  # fmt: skip
    path, refused = STUDIES / "recurrence.yaml", 0
    files[path] = shipped
    read_study("recurrence", STUDIES)
    for place in [*places(shipped), ("another",), ("claims", 0, "another"), ("claims", 0, "larger")]:
        for wrong in WRONG:
            files[path] = changed(shipped, place, wrong)
            refused += require_plain(lambda: read_study("recurrence", STUDIES))
    assert refused > 100


def test_every_key_of_a_corpus_in_the_registry(files: dict[Path, Any]) -> None:
    shipped = read_yaml(REGISTRY)
    for name, entry in shipped["corpora"].items():
        for place in places(entry):
            for wrong in WRONG:
                files[REGISTRY] = changed(shipped, ("corpora", name, *place), wrong)
                require_plain(lambda name=name: read_params(REGISTRY, f"corpora.{name}", Entry))  # type: ignore[misc]


@pytest.mark.parametrize(("track", "config"), [("lm", LMConfig), ("mt", MTConfig)])
def test_every_key_of_a_network_in_a_model_folder(track: str, config: Any) -> None:
    for section in SHIPPED[f"train_{track}"].values():
        for place in places(section["network"]):
            for wrong in WRONG:
                values = changed(section["network"], place, wrong)
                require_plain(lambda values=values: validated(values, "m/config.json: network", config))  # type: ignore[misc]


METRICS = {
    "lm/modified_kneser_ney.json": NgramResult,
    "mt/attention.json": TranslationResult,
    "recipes/multi30k_translation.json": RecipeResult,
}


@pytest.mark.parametrize("name", METRICS)
def test_every_key_of_a_file_of_metrics(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = Path("metrics", name)
    shipped = TypeAdapter(dict[str, Any]).validate_json(path.read_bytes())
    shipped.pop("runs", None)  # which the report does not read
    for part in {"mean", "deviation"} & set(shipped):  # one model says as much as all
        shipped[part] = {track: dict(list(models.items())[:1]) for track, models in shipped[part].items()}
    for place in places(shipped):
        for wrong in OF_EACH_TYPE:
            monkeypatch.setattr("gradus.results.files.read_json", lambda _, w=wrong, p=place: changed(shipped, p, w))
            require_plain(lambda: read_result(path, METRICS[name]))


def test_every_key_of_the_result_of_a_study(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = as_json(shown_study())
    for place in places(shipped):
        for wrong in OF_EACH_TYPE:
            monkeypatch.setattr("gradus.results.files.read_json", lambda _, w=wrong, p=place: changed(shipped, p, w))
            require_plain(lambda: read_result(Path("metrics/studies/a.json"), StudyResult))


def test_every_type_of_error_that_pydantic_knows() -> None:
    known = {error["type"]: error["example_context"] or {} for error in list_all_errors()}
    assert set(known) == set(get_args(ErrorType))
    own = {"error": ValueError("two languages")}
    for kind, example in known.items():
        context = own if kind in ("value_error", "assertion_error") else example
        problem: Any = {"type": kind, "loc": ("a",), "input": 3, "ctx": context}
        error = ValidationError.from_exception_data("X", [problem])
        message = str(first_problem({"a": 3}, "params.yaml: ", error))
        assert not FOREIGN.search(message), (kind, message)
