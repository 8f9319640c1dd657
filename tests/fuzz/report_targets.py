"""The report's readers of metrics."""

from dataclasses import replace
from pathlib import Path

from gradus.artifacts.json_files import write_json
from gradus.reporting.contents import Strategies, lay_out, tabulate
from gradus.reporting.page import write_page
from gradus.reporting.results import ModelNames, read_results
from gradus.reporting.series import write_series
from gradus.results.details import Attention, Fitted, TranslatedSentence, TranslationDetails
from gradus.results.files import as_json
from gradus.results.score import Context, Score
from tests.fuzz.runner import Target
from tests.fuzz.samples import require
from tests.result_cases import (
    HISTORY,
    NO_LM_DETAILS,
    adapted,
    mixture,
    network,
    ngram_order,
    ngrams,
    score,
    strategy,
    translator,
)
from tests.study_cases import shown_study


def make_metrics(folder: Path) -> None:
    """Write metrics of three models, a recipe and a study, as the stages and commands do."""
    scores: dict[Context, Score] = {"line": score(20.0, nats_per_token=2.5), "stream": score(18.0, nats_per_token=2.4)}
    order = ngram_order(score(40.0), 0.25)
    translations = translator({"beam": strategy(20.0, {"1-10": 30.0, "31+": 9.0})})
    fitted = {"1": Fitted(discounts=[0.5]), "2": Fitted(weights=[0.1, 0.2], least_count=[1, 5])}
    sentence = TranslatedSentence(source="a b", hypothesis="c", reference="d")
    attention = Attention(src=["a", "b"], tgt=["c"], weights=[[1.0, 0.0]])
    results = {
        "lm/katz": ngrams({"1": order, "2": order}, "katz"),
        "lm/gru": network(scores),
        "lm/both": mixture(scores),
        "lm/cached": adapted({"stream": scores["stream"]}),
        "mt/plain": translations,
        "details/lm/katz": replace(NO_LM_DETAILS, texts={"greedy": ["a <b>\n"]}, fitted=fitted),
        "details/lm/gru": replace(NO_LM_DETAILS, history=HISTORY),
        "details/lm/both": NO_LM_DETAILS,
        "details/mt/plain": TranslationDetails(translations=[sentence], attention=[attention], history=HISTORY),
    }
    mean = {"lm": {"gru": as_json(network(scores))}, "mt": {"plain": as_json(translations)}}
    recipe = {"seeds": [1, 2], "mean": mean, "deviation": mean, "commits": ["a", "b"], "apart": {"code": [3]}}
    files = {name: as_json(result) for name, result in results.items()} | {
        "recipes/one": recipe,
        "studies/one": as_json(shown_study()),
    }
    for name, content in files.items():
        (folder / f"{name}.json").parent.mkdir(parents=True, exist_ok=True)
        write_json(folder / f"{name}.json", content)


def _read_metrics(folder: Path) -> object:
    results = read_results(folder, ModelNames(["katz"], ["gru"], ["both"], ["plain"], ["cached"]))
    tables = tabulate(results, Strategies(["greedy"], ["beam"]))
    made = folder / "made"
    made.mkdir()
    write_series(results, made, ["greedy"])
    write_page(made / "index.html", lay_out(results, tables, [], "dvc repro"), made)
    text = (made / "index.html").read_text()
    require("<script" not in text and "\x1b" not in text, "markup of the metrics on the page")
    return [table.markdown() for table in tables.values()], text


TARGETS = {
    "metrics": Target(make_metrics, _read_metrics, guarded=False, cases=60),
}
