"""The report's readers of metrics."""

from pathlib import Path
from typing import Any

from gradus.artifacts.json_files import write_json
from gradus.reporting.contents import lay_out, tabulate
from gradus.reporting.page import write_page
from gradus.reporting.results import read_results
from gradus.reporting.series import write_series
from tests.fuzz.runner import Target
from tests.fuzz.samples import require


def _score(perplexity: float) -> dict[str, Any]:
    return {"tokens": 100, "zero_tokens": 0, "perplexity": perplexity, "nats_per_token": 2.5, "bits_per_char": 1.5}


def _language_model(**more: Any) -> dict[str, Any]:
    lengths = {"repeated_4grams": 0.25, "distinct_2": 0.5, "grammatical_share": 1.0, "nats_per_token": 0.5}
    return {
        "corpus": "builtin",
        "tokenizer": {"kind": "word", "size": 50},
        "text": {"lines": 5, "tokens": 100},
        "kind": "katz",
        "floors": {"line": {"perplexity": 10.0}, "stream": {"perplexity": 8.0}},
        "test": {"line": _score(20.0), "stream": _score(18.0)},
        "natural_text": {"repeated_4grams": 0.01, "distinct_2": 0.9},
        "generation": {"greedy": lengths},
        "model": {"entries": 1234, "bytes": 5678, "parameters": 99},
    } | more


def make_metrics(folder: Path) -> None:
    """Write metrics of three models and a recipe, as the stages and `gradus recipe` do."""
    order = {"test": _score(40.0), "unseen_share": 0.25, "entries": 10, "bytes": 100}
    scores = {"bleu": 20.0, "bleu_lowercase": 21.0, "bleu_signature": "s", "chrf": 50.0, "exact_match": 0.1}
    scores |= {"by_source_length": {"1-10": {"pairs": 9, "bleu": 30.0}, "31+": {"pairs": 9, "bleu": 9.0}}}
    translator = {"strategies": {"beam": scores}, "teacher_forced": {"perplexity": 2.0, "token_accuracy": 0.8}}
    history = [{"epoch": 1.0, "step": 5.0, "valid_nats_per_token": 4.0, "gradient_norm_mean": 1.0}]
    said = [{"source": "a b", "hypothesis": "c", "reference": "d"}]
    attention = [{"src": ["a", "b"], "tgt": ["c"], "weights": [[1.0, 0.0]]}]
    fitted = {"1": {"discounts": [0.5]}, "2": {"weights": [0.1, 0.2], "least_count": [1, 5]}}
    mean = {"lm": {"gru": _language_model()}, "mt": {"plain": translator}}
    files = {
        "lm/katz": _language_model(orders={"1": order, "2": order}),
        "lm/gru": _language_model(),
        "mt/plain": translator,
        "details/lm/katz": {"texts": {"greedy": ["a <b>\n"]}, "history": [], "fitted": fitted},
        "details/lm/gru": {"texts": {}, "history": history, "fitted": {}},
        "details/mt/plain": {"history": history, "translations": said, "attention": attention},
        "recipes/one": {
            "seeds": [1, 2],
            "mean": mean,
            "deviation": mean,
            "commits": ["a", "b"],
            "apart": {"code": [3]},
        },
    }
    for name, content in files.items():
        (folder / f"{name}.json").parent.mkdir(parents=True, exist_ok=True)
        write_json(folder / f"{name}.json", content)


def _read_metrics(folder: Path) -> object:
    names = {"smooth_ngrams": ["katz"], "train_lm": ["gru"], "train_mt": ["plain"]}
    results = read_results(folder, names)
    tables = tabulate(results, {"lm": ["greedy"], "mt": ["beam"]})
    made = folder / "made"
    made.mkdir()
    write_series(results, made, ["greedy"])
    write_page(made / "index.html", *lay_out(results, tables, made))
    text = (made / "index.html").read_text()
    require("<script" not in text and "\x1b" not in text, "markup of the metrics on the page")
    return [table.markdown() for table in tables.values()], text


TARGETS = {
    "metrics": Target(make_metrics, _read_metrics, guarded=False, cases=60),
}
