"""A translation model and its translations to their metrics."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.artifacts.json_files import json_with, read_json, write_json
from gradus.artifacts.places import new_file, new_folder
from gradus.command import stage_app
from gradus.corpora.files import read_columns, read_lines
from gradus.corpora.source import open_corpus
from gradus.decoding.records import Record, read_pictures, read_strategies
from gradus.errors import InputError
from gradus.evaluation.bleu import sentence_statistics, text_scores
from gradus.evaluation.cross_entropy import Tally, measures
from gradus.evaluation.details import DETAILS, METRICS, read_history
from gradus.evaluation.line_scores import sha256_of
from gradus.evaluation.sentence_scores import SENTENCE_SCORES, SentenceScores, write_sentence_scores
from gradus.evaluation.translations import by_source_length, exact_share, length_ratio, token_accuracy
from gradus.interfaces.teacher_forcing import teacher_forced
from gradus.networks.translation_models.build import load_mt, open_mt
from gradus.params import STRICT, read_params
from gradus.runtime import name_device, prepare, read_runtime
from gradus.text.pairs import Pairs, bucketed, read_pairs
from gradus.text.token_ids import open_tokens, read_ids, split_lines

SAMPLES = 3
"""Sentences whose translations the report shows."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class EvaluateMTConfig:
    """Section `evaluate_mt` of params.yaml."""

    min_pairs: Annotated[int, Field(ge=1, le=10**9)]
    """Pairs from which on the BLEU of a group of source lengths is printed."""
    batch_tokens: Annotated[int, Field(ge=1, le=10**9)]
    """Target tokens of a batch that is scored by its references, padding included."""


@dataclass(frozen=True)
class TestText:
    """Lines of the test text, and the token ids of its references."""

    src: list[str]
    tgt: list[str]
    tgt_ids: list[list[int]]


def main(
    name: Annotated[str, typer.Option(help="A model of models/mt, such as attention.")],
    raw: Annotated[Path, typer.Option(help="The corpus, from acquire.")] = Path("data/raw/mt"),
    tokens: Annotated[Path, typer.Option(help="Token ids of sentence pairs, from tokenize.")] = Path("data/tokens/mt"),
    models: Annotated[Path, typer.Option(help="Folder of the models.")] = Path("models/mt"),
    translated: Annotated[Path, typer.Option(help="Folder of the translations, from translate.")] = Path(
        "data/translated"
    ),
    metrics: Annotated[Path, typer.Option(help="Folder of the numbers: NAME.json.")] = Path("metrics/mt"),
    details: Annotated[Path, typer.Option(help="Folder of what is no number: NAME.json.")] = Path("metrics/details/mt"),
    scores: Annotated[Path, typer.Option(help="Folder of what BLEU sums over sentences.")] = Path("data/scores/mt"),
    params: Annotated[Path, typer.Option(help="Parameters.")] = Path("params.yaml"),
) -> None:
    """Compare a model's translations with the references, and score the references by the model.

    BLEU is of detokenized text, cased, tokenization 13a. The teacher-forced scores read the reference's
    own prefix, the others what the model itself wrote.
    """
    config = read_params(params, "evaluate_mt", EvaluateMTConfig)
    inputs = [raw, tokens, models / name, translated / name, params]
    with (
        new_file(metrics / f"{name}.json", json_with(*METRICS), inputs=inputs) as numbers,
        new_file(details / f"{name}.json", json_with(*DETAILS), inputs=inputs) as others,
        new_folder(scores / name, SENTENCE_SCORES, inputs=inputs) as sentences,
    ):
        open_tokens(tokens), open_corpus(raw, "src", "tgt")
        pairs, text = read_pairs(tokens, "test"), read_test_text(raw, tokens)
        records = read_strategies(translated / name)
        for label, found in records.items():
            require_one_each(translated / name / f"{label}.jsonl", found, text)
        result = describe(raw, tokens, text) | forced_metrics(models / name, pairs, config, params)
        result["strategies"] = {label: strategy_metrics(found, text, config) for label, found in records.items()}
        write_json(numbers, result)
        write_sentence_scores(sentences, sentence_scores(records, text, result["text"]["sha256"]))
        attention = read_pictures(translated / name / "attention.json")
        history = read_history(models / name / "history.csv")
        write_json(others, {"translations": samples(records, text), "attention": attention, "history": history})
    for label, card in result["strategies"].items():
        typer.echo(f"{label}: BLEU {card['bleu']:.2f}, chrF {card['chrf']:.2f}")
    typer.echo(f"teacher-forced perplexity {result['teacher_forced']['perplexity']:.2f}")


def read_test_text(raw: Path, tokens: Path) -> TestText:
    """Return the lines of the test text, and the ids of its references."""
    references = [line.tolist() for line in split_lines(read_ids(tokens, "test.tgt"))]
    src, tgt = read_columns([raw / "test.src", raw / "test.tgt"])
    if len(references) != len(tgt):
        expected, found = f"{len(references)} lines, as in {tokens}", f"{len(tgt)}"
        raise InputError(raw / "test.tgt", expected=expected, found=found, remedy="run tokenize again")
    return TestText(src, tgt, references)


def require_one_each(path: Path, records: Sequence[Record], text: TestText) -> None:
    """Refuse translations of another text."""
    if len(records) != len(text.src):
        raise InputError(
            path, expected=f"{len(text.src)} translations", found=f"{len(records)}", remedy="run translate again"
        )


def describe(raw: Path, tokens: Path, text: TestText) -> dict[str, Any]:
    """Return what the numbers are about: corpus, tokenizers, text."""
    source, manifest = read_json(raw / "source.json"), read_json(tokens / "manifest.json")
    training = set(read_lines(raw / "train.src"))
    return {
        "corpus": source["corpus"],
        "src": source["src"],
        "tgt": source["tgt"],
        **{label: value for label, value in manifest.items() if label.startswith("tokenizer")},
        "text": {
            "pairs": len(text.src),
            "sha256": sha256_of(raw / "test.src", raw / "test.tgt"),
            "pairs_seen_in_training": source["test_lines_seen_in_training"],
            "sources_seen_in_training": sum(line in training for line in text.src),
        },
    }


def forced_metrics(path: Path, pairs: Pairs, config: EvaluateMTConfig, params: Path) -> dict[str, Any]:
    """Return the model's size, its devices and its scores of the references by their own prefixes."""
    device = prepare(read_runtime(params))
    description = open_mt(path)
    model = load_mt(path, description).to(device)
    forced = teacher_forced(model, (pairs.batch(rows).to(device) for rows in bucketed(pairs, config.batch_tokens)))
    cost = measures(Tally(forced.nll_nats, forced.n_tokens, 0))
    return {
        "model": {"parameters": sum(parameter.numel() for parameter in model.parameters())},
        "device": {"training": asdict(description.device), "scoring": asdict(name_device(device))},
        "teacher_forced": cost | {"token_accuracy": forced.n_right / forced.n_tokens},
    }


def strategy_metrics(records: Sequence[Record], text: TestText, config: EvaluateMTConfig) -> dict[str, Any]:
    """Return the scores of one strategy's translations."""
    hypotheses = [record.text for record in records]
    tokens = sum(len(record.ids) for record in records)
    return {
        **text_scores(hypotheses, text.tgt),
        "exact_match": exact_share(hypotheses, text.tgt),
        "length_ratio": length_ratio(hypotheses, text.tgt),
        "token_accuracy": token_accuracy([record.ids for record in records], text.tgt_ids),
        "nats_per_token": -sum(record.log_prob for record in records) / tokens,
        "by_source_length": by_source_length(text.src, hypotheses, text.tgt, min_pairs=config.min_pairs),
    }


def sentence_scores(records: dict[str, list[Record]], text: TestText, text_sha256: str) -> SentenceScores:
    """Return what BLEU sums over the sentences of every strategy's translations."""
    hypotheses = {label: [record.text for record in found] for label, found in records.items()}
    return SentenceScores(text_sha256, {label: sentence_statistics(h, text.tgt) for label, h in hypotheses.items()})


def samples(records: dict[str, list[Record]], text: TestText) -> list[dict[str, str]]:
    """Return the first sentences with the translation of one strategy, the first by name."""
    found = next(iter(records.values()), [])
    rows = zip(text.src[:SAMPLES], found, text.tgt, strict=False)
    return [{"source": src, "hypothesis": record.text, "reference": tgt} for src, record, tgt in rows]


app = stage_app(main)

if __name__ == "__main__":
    app()
