"""Made-up metrics of a handful of models."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from result_cases import (
    HISTORY,
    NO_LM_DETAILS,
    NO_MT_DETAILS,
    ZERO,
    network,
    ngram_order,
    ngrams,
    score,
    strategy,
    translator,
)

from gradus.reporting.contents import Strategies
from gradus.reporting.results import ModelNames
from gradus.results.details import Attention, TranslatedSentence
from gradus.results.files import as_json
from gradus.results.language_model import NgramResult
from gradus.results.translation import TranslationResult

PARAMS = """
numerics: portable
smooth_ngrams: {mle: {}, modified_kneser_ney: {}}
train_lm: {lstm: {}}
interpolate: {}
adapt_lm: {}
train_mt: {plain: {}, attention: {}}
decode:
  lm: {strategies: {greedy: {}, nucleus: {}}}
  mt: {strategies: {greedy: {}, beam: {}}}
"""
NAMES = ModelNames(["mle", "modified_kneser_ney"], ["lstm"], [], ["plain", "attention"])
STRATEGIES = Strategies(["greedy", "nucleus"], ["greedy", "beam"])


def smoother(zero: bool) -> NgramResult:
    return ngrams({"1": ngram_order(score(40.0)), "2": ngram_order(ZERO if zero else score(20.0), 0.25)})


def translations(short: float, long: float) -> TranslationResult:
    scores = strategy((short + long) / 2, {"1-10": short, "31+": long})
    return translator({"greedy": scores, "beam": scores})


def files() -> dict[str, Any]:
    """Return the content of every metric file, by its path without `.json`."""
    attention = Attention(src=["a", "b"], tgt=["c", "d"], weights=[[1.0, 0.0], [0.5, 0.5]])
    sentence = TranslatedSentence(source="a b", hypothesis="c d", reference="c e")
    results = {
        "lm/mle": smoother(zero=True),
        "lm/modified_kneser_ney": smoother(zero=False),
        "lm/lstm": network({"line": score(15.0), "stream": score(12.0)}),
        "mt/plain": translations(40.0, 10.0),
        "mt/attention": translations(42.0, 38.0),
        "details/lm/mle": replace(NO_LM_DETAILS, texts={"greedy": ["<b>a & b</b>"]}),
        "details/lm/modified_kneser_ney": NO_LM_DETAILS,
        "details/lm/lstm": replace(NO_LM_DETAILS, history=HISTORY),
        "details/mt/plain": replace(NO_MT_DETAILS, history=HISTORY),
        "details/mt/attention": replace(NO_MT_DETAILS, history=HISTORY, translations=[sentence], attention=[attention]),
    }
    return {name: as_json(result) for name, result in results.items()} | {"lm/removed_from_params": {}}


def write(folder: Path, contents: dict[str, Any]) -> None:
    """Write params.yaml and the metric files."""
    folder.mkdir(exist_ok=True)
    (folder / "params.yaml").write_text(PARAMS)
    for name, content in contents.items():
        path = folder / "metrics" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
