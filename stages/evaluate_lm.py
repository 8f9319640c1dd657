"""A language model and the text that it wrote to its metrics."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from numpy.typing import NDArray
from pydantic import Field

from gradus.artifacts.json_files import json_with, read_json, write_json
from gradus.artifacts.places import new_file, new_folder
from gradus.command import stage_app
from gradus.corpora.source import open_corpus
from gradus.decoding.records import Record, read_strategies, require_known_ids, whole_lines
from gradus.evaluation.bootstrap import BootstrapConfig
from gradus.evaluation.cross_entropy import tally
from gradus.evaluation.details import DETAILS, METRICS, read_history
from gradus.evaluation.generation import IsGrammatical, reference_metrics, text_metrics
from gradus.evaluation.line_scores import LINE_SCORES, LineScores, sha256_of, sum_by_line, write_line_scores
from gradus.evaluation.scorecard import ScoredText, floor_cards, interval_card, read_text, scorecard, unnormalised_card
from gradus.families.language_models import open_folder
from gradus.families.networks import NeuralFolder
from gradus.families.ngrams import NgramFolder
from gradus.families.tokenizers import require_tokenizer
from gradus.params import read_params
from gradus.text.token_ids import line_starts, open_tokens, read_ids
from gradus.text.tokenizer import Tokenizer, load_tokenizer

SEED: Any = Annotated[int, Field(ge=0, le=2**32 - 1)]
"""What `seed` in params.yaml may be; `gradus.runtime` says the same and imports torch."""

Texts = dict[str, tuple[NDArray[Any], ScoredText]]
"""Ids and facts of `valid` and `test`."""
Nats = dict[str, NDArray[Any]]
"""-ln P of every token of the test text, by context."""


def main(
    name: Annotated[str, typer.Option(help="A model of models/lm, such as lstm or modified_kneser_ney.")],
    raw: Annotated[Path, typer.Option(help="The corpus, from acquire.")] = Path("data/raw/lm"),
    tokens: Annotated[Path, typer.Option(help="Token ids and tokenizer, from tokenize.")] = Path("data/tokens/lm"),
    models: Annotated[Path, typer.Option(help="Folder of the models.")] = Path("models/lm"),
    generated: Annotated[Path, typer.Option(help="Folder of the texts, from generate.")] = Path("data/generated"),
    metrics: Annotated[Path, typer.Option(help="Folder of the numbers: NAME.json.")] = Path("metrics/lm"),
    details: Annotated[Path, typer.Option(help="Folder of what is no number: NAME.json.")] = Path("metrics/details/lm"),
    scores: Annotated[Path, typer.Option(help="Folder of the scores of every test line.")] = Path("data/scores/lm"),
    params: Annotated[Path, typer.Option(help="Parameters.")] = Path("params.yaml"),
) -> None:
    """Score the validation and test text by one language model, and measure the text that it wrote.

    On the built-in corpus, whose entropy is known, a model that is too good to be true fails the stage.
    """
    inputs = [raw, tokens, models / name, generated / name, params]
    with (
        new_file(metrics / f"{name}.json", json_with(*METRICS), inputs=inputs) as numbers,
        new_file(details / f"{name}.json", json_with(*DETAILS), inputs=inputs) as others,
        new_folder(scores / name, LINE_SCORES, inputs=inputs) as lines,
    ):
        open_tokens(tokens), open_corpus(raw, "language")
        model = open_folder(models / name)
        records = read_strategies(generated / name)
        result, by_line = evaluate(model, records, (raw, tokens), params)
        write_json(numbers, result)
        write_line_scores(lines, by_line)
        samples = {strategy: [record.text for record in found[:2]] for strategy, found in records.items()}
        fitted = model.fitted if isinstance(model, NgramFolder) else {}
        history = read_history(models / name / "history.csv")
        write_json(others, {"texts": samples, "history": history, "fitted": fitted})
    for said in summary(result):
        typer.echo(said)


def evaluate(
    model: NgramFolder | NeuralFolder, records: dict[str, list[Record]], places: tuple[Path, Path], params: Path
) -> tuple[dict[str, Any], LineScores]:
    """Return all numbers of a model and of the texts that it wrote, and its scores of every test line.

    Args:
        places: the corpus and its token ids.
    """
    raw, tokens = places
    tokenizer = load_tokenizer(tokens / "tokenizer")
    require_tokenizer(model, tokenizer, tokens / "tokenizer")
    require_known_ids(records, tokenizer.size)
    texts: Texts = {}
    for split in ("valid", "test"):
        ids = read_ids(tokens, split)
        texts[split] = ids, read_text(tokens, raw, split, line_starts(ids))
    source = read_json(raw / "source.json")
    result = describe(raw, tokens, source) | {"kind": model.kind, "floors": floor_cards(texts["test"][1])}
    found, nats = (
        ngram_scores(model, texts, params) if isinstance(model, NgramFolder) else neural_scores(model, texts, params)
    )
    result |= found
    judge = grammar_judge(source, tokenizer, params)
    result["generation"] = {strategy: written_metrics(found, judge) for strategy, found in records.items()}
    length = max(len(record.ids) for found in records.values() for record in found)
    result["natural_text"] = reference_metrics(texts["test"][0].tolist(), length)
    sums = (result["text"]["sha256"], result["tokenizer"]["sha256"])
    return result, sum_by_line(nats, texts["test"][1].starts, *sums)


def describe(raw: Path, tokens: Path, source: dict[str, Any]) -> dict[str, Any]:
    """Return what the numbers are about: corpus, tokenizer, text."""
    manifest = read_json(tokens / "manifest.json")
    seen, sha256 = source["test_lines_seen_in_training"], sha256_of(raw / "test.txt")
    return {
        "corpus": source["corpus"],
        "tokenizer": manifest["tokenizer"],
        "text": manifest["splits"]["test"] | {"sha256": sha256, "lines_seen_in_training": seen},
    }


def ngram_scores(model: NgramFolder, texts: Texts, params: Path) -> tuple[dict[str, Any], Nats]:
    """Return the scores of every order, and those of the highest as the model's; every line is its own context."""
    from gradus.ngram.scoring.model import unseen_share

    test_ids, test = texts["test"]
    shares = unseen_share(model.model(model.orders[-1]), test_ids)
    orders: dict[str, Any] = {}
    for order in model.orders:
        fitted = model.model(order)
        nats = {split: -fitted.log_probs(ids) for split, (ids, _) in texts.items()}
        size = model.description["orders"][str(order)]
        n_tokens, unseen = shares[order - 1]
        orders[str(order)] = {"entries": size["entries"], "bytes": size["bytes"], "unseen_share": unseen / n_tokens}
        for split, (_, text) in texts.items():
            orders[str(order)][split] = (
                scorecard(f"{model.path.name}, order {order}", nats[split], text, "line")
                if fitted.is_distribution  # scores that sum to more than one may be below any floor, without a leak
                else unnormalised_card(tally(nats[split]))
            )
    highest = orders[str(model.orders[-1])]
    size = model.description["orders"][str(model.orders[-1])]
    interval = _interval(nats["test"], test, params) if fitted.is_distribution else {}
    result = {
        "model": {"order": model.orders[-1], "entries": size["stored"], "bytes": size["bytes"]},
        "valid": {"line": highest["valid"]},
        "test": {"line": highest["test"] | interval},
        "orders": orders,
    }
    return result, {"line": nats["test"]}


def neural_scores(model: NeuralFolder, texts: Texts, params: Path) -> tuple[dict[str, Any], Nats]:
    """Return the scores of both contexts: the text as one stream, and every line by itself, as n-grams read it."""
    from gradus.evaluation.neural import ScoringConfig, line_nats, stream_nats
    from gradus.runtime import name_device, prepare, read_runtime

    scoring = read_params(params, "score_lm", ScoringConfig)
    device = prepare(read_runtime(params))
    network = model.model(device)
    result: dict[str, Any] = {"model": {"parameters": model.description.parameters}}
    result["device"] = {"training": asdict(model.description.device), "scoring": asdict(name_device(device))}
    for split, (ids, text) in texts.items():
        nats: Nats = {"stream": stream_nats(network, ids, scoring), "line": line_nats(network, ids, scoring)}
        result[split] = {
            "stream": scorecard(model.path.name, nats["stream"], text, "stream"),
            "line": scorecard(model.path.name, nats["line"], text, "line"),
        }
    result["test"]["line"] |= _interval(nats["line"], text, params)
    return result, nats


def _interval(nats: NDArray[Any], text: ScoredText, params: Path) -> dict[str, float]:
    config = read_params(params, "evaluate_lm", BootstrapConfig)
    return interval_card(nats, text, config, seed=read_params(params, "seed", SEED))


def written_metrics(records: Sequence[Record], judge: IsGrammatical | None) -> dict[str, Any]:
    """Return what one strategy's texts are like."""
    texts, log_probs = [record.ids for record in records], [record.log_prob for record in records]
    return text_metrics(texts, log_probs, whole_lines(records), judge)


def grammar_judge(source: dict[str, Any], tokenizer: Tokenizer, params: Path) -> IsGrammatical | None:
    """Return what judges the lines of the built-in corpus; None for any other."""
    if source["corpus"] != "builtin":
        return None
    from gradus.corpora.builtin.grammar import load_grammar
    from gradus.corpora.builtin.parsing import is_grammatical
    from gradus.corpora.builtin.sampling import BuiltinConfig

    grammar = load_grammar(read_params(params, "builtin", BuiltinConfig).topics)

    def judge(line: Sequence[int]) -> bool:
        return is_grammatical(grammar, tokenizer.decode(line).split(" "), language=source["language"])

    return judge


def summary(result: dict[str, Any]) -> list[str]:
    """Return a line for every context of the test text."""
    return [
        f"test, {context}: perplexity {card['perplexity']:.2f}, {card['tokens']} tokens"
        if "perplexity" in card
        else f"test, {context}: no perplexity; {card['zero_tokens']} of {card['tokens']} tokens score zero"
        for context, card in result["test"].items()
    ]


app = stage_app(main)

if __name__ == "__main__":
    app()
