"""Definitions of studies: our own fit params.yaml and the stages, and a wrong one is refused on one line."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from study_cases import study

from gradus.corpora.acquire import read_source
from gradus.errors import InputError
from gradus.inference.generation import GenerateConfig
from gradus.ngram.smoothing.smoothers import read_smoother
from gradus.params import read_file, read_params
from gradus.pipeline.overlay import overrides
from gradus.pipeline.stages import read_stages
from gradus.studies.definition import (
    STUDIES,
    Better,
    Varies,
    losses_of,
    quantities_of,
    read_study,
    study_names,
    study_params,
)
from gradus.text.tokenizers.config import read_tokenizer_config
from stages import measure_lm, measure_ngram
from stages.train_lm import TrainLMConfig

CASES = [(name, corpus) for name in study_names(STUDIES) for corpus in read_study(name, STUDIES).corpora]


@pytest.mark.parametrize(("name", "corpus"), CASES)
def test_our_own_studies_say_what_the_stages_accept(name: str, corpus: str, tmp_path: Path) -> None:
    own, base = read_study(name, STUDIES), read_file(Path("params.yaml"), dict)
    params = study_params(own, corpus, base)
    assert list(overrides(base, params))
    path = tmp_path / "params.yaml"
    with path.open("w") as file:
        YAML(typ="safe", pure=True).dump(params, file)
    networks = [model for model in own.models if model in params["train_lm"]]
    for model in own.models:
        if model in networks:
            read_params(path, f"train_lm.{model}", TrainLMConfig)
        else:
            read_smoother(path, model)
    measurements: dict[str, Any] = {
        "measure_lm": measure_lm.AnyMeasurement,
        "measure_ngram": measure_ngram.AnyMeasurement,
    }
    for section, config in measurements.items():
        for measurement in params[section]:
            read_params(path, f"{section}.{measurement}", config)
    read_params(path, "decode.lm", GenerateConfig)
    read_source(path, "lm")
    read_tokenizer_config(path, "lm")


@pytest.mark.parametrize("name", study_names(STUDIES))
def test_our_own_studies_name_existing_entries_code_and_measurements(name: str) -> None:
    own = read_study(name, STUDIES)
    assert set(own.stages) <= set(read_stages())
    assert Path(own.code).is_file()
    measured = {*own.params.get("measure_lm", {}), *own.params.get("measure_ngram", {})}
    paths = {path for paths in (quantities_of(own), losses_of(own)) for found in paths.values() for path in found}
    assert {path.split(".")[1] for path in paths if path.startswith("measured.")} <= measured


STUDY = """\
question: Which is better?
equal: all
formula: a / b
code: gradus/training/lm.py
stages: [evaluate_lm]
models: [lstm, gru]
corpora: {builtin: {seeds: [1, 2, 3]}}
claims:
  - {sentence: GRU is better., better: gru, worse: [lstm], loss: stream}
"""
CLAIM = "  - {sentence: GRU is better., better: gru, worse: [lstm], loss: stream}\n"
LARGER = "  - {sentence: Larger., larger: gru.a.b, than: [lstm.a.b], unit: nats}\n"


def read(tmp_path: Path, old: str, new: str) -> Any:
    assert old in STUDY
    (tmp_path / "mine.yaml").write_text(STUDY.replace(old, new))
    return read_study("mine", tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("better: gru", "better: rnn", r"expected models of the study \(lstm, gru\), found rnn"),
        ("worse: [lstm]", "worse: [katz]", "found katz"),
        (CLAIM, LARGER.replace("lstm.a", "rnn.a"), "found rnn"),
        (CLAIM, LARGER.replace("larger: gru.a.b", "larger: gru.a.b / rnn.a.b"), "found rnn"),
        (CLAIM, "  - {sentence: V., varies: rnn.a, by: 0.5}\n", "found rnn"),
        ("claims:", "equal_weights: [lstm, mlp]\nclaims:", "found mlp"),
        ("claims:", "plots: {p: {x: x, y: y, lines: {l: {points: {rnn.a: 1}}}}}\nclaims:", "found rnn"),
        (
            "claims:",
            "plots: {p: {x: x, y: y, lines: {l: {points: {gru.a: 1}, corpora: [ptb]}}}}\nclaims:",
            r"plots\.p\.lines\.l\.corpora: expected one of builtin, found ptb",
        ),
        ("loss: stream", "loss: stream, corpora: [ptb]", r"claims\.0\.corpora: expected one of builtin, found ptb"),
        (CLAIM, "  - {sentence: V., varies: gru.a, by: 0.5}\n", "corpora: expected at least two corpora"),
        (
            CLAIM,
            LARGER.replace("larger: gru.a.b, ", ""),
            r"claims\.0: expected either the key larger, or the keys nearer and to",
        ),
        (CLAIM, LARGER.replace("larger:", "nearer: gru.a, larger:"), r"claims\.0: expected either the key larger"),
        (CLAIM, LARGER.replace("larger:", "nearer:"), r"claims\.0: expected either the key larger"),
        (CLAIM, LARGER.replace("gru.a.b", "gru"), r"claims\.0\.larger: expected text that matches .*'gru'"),
        (CLAIM, LARGER.replace("[lstm.a.b]", "[]"), r"claims\.0\.than: expected at least one entry"),
        ("loss: stream", "losses: stream", r"claims\.0"),
        (CLAIM, "  []\n", "claims"),
        ("seeds: [1, 2, 3]", "seeds: []", "seeds"),
        ("seeds: [1, 2, 3]", "seeds: [-1]", "seeds"),
        ("models: [lstm, gru]", "models: ['$(x)']", "models"),
        ("code: gradus/training/lm.py", "code: 'x](y) <b>'", "code"),
        ("claims:", "params: {train_lm: {'../x': {like: gru}}}\nclaims:", "train_lm: expected a name"),
        ("question: Which is better?", "questions: Which?", "question"),
        ("claims:", "plots: {p: {x: x, y: y, lines: {l: {values: gru.a}}}}\nclaims:", "the keys values and at"),
        (
            "claims:",
            "plots: {p: {x: x, y: y, lines: {l: {values: gru.a / lstm.a, at: gru.b}}}}\nclaims:",
            "l.values: expected",
        ),
    ],
)
def test_a_wrong_study_is_one_line_with_a_remedy(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, old, new)
    assert re.fullmatch(r".+: expected .+, found .+; .+", str(caught.value))
    assert str(caught.value).startswith(str(tmp_path / "mine.yaml"))


def test_a_missing_study_and_a_name_that_is_none_are_refused(tmp_path: Path) -> None:
    read(tmp_path, "lstm", "lstm")
    with pytest.raises(InputError, match=r"other.yaml: expected a study \(mine\), found no file; correct the name"):
        read_study("other", tmp_path)
    with pytest.raises(InputError, match="study: expected a name"):
        read_study("../mine", tmp_path)
    assert study_names(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("models: [lstm, gru]", "models: [lstm, gru, mlp]", "study: models: expected one of mle, .*, found mlp"),
        ("claims:", "strategies: [loudly]\nclaims:", "study: strategies: expected one of greedy, .*, found loudly"),
        ("claims:", "params: {train: {}}\nclaims:", "expected a key of params.yaml"),
        ("claims:", "params: {train_lm: 5}\nclaims:", "by the study: train_lm: expected keys with values, found"),
        ("claims:", "params: {decode: {lm: 5}}\nclaims:", "by the study: decode.lm.strategies: expected keys with"),
        ("[1, 2, 3]}", "[1, 2, 3], params: {acquires: 1}}", "expected a key of params.yaml"),
    ],
)
def test_a_study_that_does_not_fit_params_yaml_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        study_params(read(tmp_path, old, new), "builtin", read_file(Path("params.yaml"), dict))


def test_only_the_models_of_the_study_run(tmp_path: Path) -> None:
    base = read_file(Path("params.yaml"), dict)
    extra = "strategies: [nucleus]\nparams: {train_lm: {gru: {training: {epochs: 7}}}}\nclaims:"
    own = read(tmp_path, "claims:", extra)
    params = study_params(own, "builtin", base)
    assert list(params["train_lm"]) == ["lstm", "gru"]  # in the order of the study
    assert params["train_lm"]["gru"]["training"]["epochs"] == 7
    assert params["smooth_ngrams"] == base["smooth_ngrams"]  # without models of the section, it stays
    assert list(params["decode"]["lm"]["strategies"]) == ["nucleus"]
    assert params["decode"]["mt"] == base["decode"]["mt"]
    assert base == read_file(Path("params.yaml"), dict)
    smoothers = study_params(
        read(tmp_path, STUDY, STUDY.replace("lstm", "mle").replace("gru", "katz")), "builtin", base
    )
    assert list(smoothers["smooth_ngrams"]) == ["mle", "katz"]
    assert smoothers["train_lm"] == base["train_lm"]


def test_changes_of_a_corpus_come_after_those_of_the_study(tmp_path: Path) -> None:
    change = "seeds: [1, 2, 3], params: {train_lm: {gru: {training: {epochs: 3}}}}"
    own = read(
        tmp_path,
        STUDY,
        STUDY.replace("seeds: [1, 2, 3]", change) + "params: {train_lm: {gru: {training: {epochs: 7}}}}\n",
    )
    assert (
        study_params(own, "builtin", read_file(Path("params.yaml"), dict))["train_lm"]["gru"]["training"]["epochs"] == 3
    )


def test_what_a_study_reads_of_each_model() -> None:
    own = study(
        {"sentence": "a", "better": "one", "worse": ["two"], "loss": "line", "worse_loss": "stream"},
        {"sentence": "b", "larger": "one.a / two.b.0", "than": [3, "three.c"], "unit": "u"},
        {"sentence": "c", "nearer": "one.d", "to": "two.e", "than": ["three.f"], "unit": "u"},
        {"sentence": "d", "varies": "one.g", "by": 0.5},
        corpora={"text": {"seeds": [1, 2]}, "other": {"seeds": [1, 2]}},
        equal_weights=["one"],
        columns={"heading": "h"},
        plots={
            "p": {
                "x": "x",
                "y": "y",
                "lines": {"l": {"values": "two.i", "at": "two.j"}, "m": {"points": {"two.k / three.l": 1}}},
            }
        },
    )
    assert losses_of(own) == {"one": {"line"}, "two": {"stream"}}
    assert quantities_of(own) == {
        "*": {"h"},
        "one": {"a", "d", "g", "model.parameters"},
        "two": {"b.0", "e", "i", "j", "k"},
        "three": {"c", "f", "l"},
    }
    assert [type(claim) for claim in own.claims][::3] == [Better, Varies]


def test_a_claim_and_a_line_name_quantities_of_their_corpora_only() -> None:
    on_text = {"corpora": ["text"]}
    own = study(
        {"sentence": "a", "better": "one", "worse": ["two"], "loss": "line"} | on_text,
        {"sentence": "b", "larger": "one.b", "than": ["two.b"], "unit": "u"} | on_text,
        corpora={"text": {"seeds": [1, 2, 3]}, "other": {"seeds": [1, 2, 3]}},
        plots={"p": {"x": "x", "y": "y", "lines": {"l": {"points": {"one.c": 1}, **on_text}}}},
    )
    assert quantities_of(own, "text") == quantities_of(own) == {"*": set(), "one": {"b", "c"}, "two": {"b"}}
    assert losses_of(own, "text") == losses_of(own) == {"one": {"line"}, "two": {"line"}}
    assert quantities_of(own, "other") == {"*": set()} and losses_of(own, "other") == {}
