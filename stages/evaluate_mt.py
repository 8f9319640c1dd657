"""Stage evaluate_mt: score a translation model and its translations, and write the metrics."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.command import stage_app
from gradus.evaluation.history import read_history
from gradus.evaluation.outputs import Outputs, new_outputs
from gradus.evaluation.translation_models.corpus import open_mt_corpus, read_attention, read_translations
from gradus.evaluation.translation_models.result import TranslatorScores, first_sentences, translation_result
from gradus.evaluation.translation_models.sentence_scores import SENTENCE_SCORES, SentenceScores, write_sentence_scores
from gradus.evaluation.translation_models.translations import EvaluateMTConfig, statistics_of
from gradus.interfaces.teacher_forcing import teacher_forced
from gradus.networks.translation_models.build import load_mt, open_mt
from gradus.params import read_params
from gradus.results.details import TranslationDetails
from gradus.results.files import write_result
from gradus.results.subject import Devices
from gradus.runtime import name_device, prepare, read_runtime
from gradus.text.pairs import bucketed, read_pairs


def main(
    name: Annotated[str, typer.Option(help="Name of a translation model, such as attention.")],
    raw: Annotated[Path, typer.Option(help="Folder of the corpus that `acquire` wrote.")] = Path("data/raw/mt"),
    tokens: Annotated[Path, typer.Option(help="Folder of the token ids that `tokenize` wrote.")] = Path(
        "data/tokens/mt"
    ),
    models: Annotated[Path, typer.Option(help="Folder of all models.")] = Path("models/mt"),
    translated: Annotated[Path, typer.Option(help="Folder of the translations of all models.")] = Path(
        "data/translated"
    ),
    metrics: Annotated[Path, typer.Option(help="The metrics are written to METRICS/NAME.json.")] = Path("metrics/mt"),
    details: Annotated[Path, typer.Option(help="The details are written to DETAILS/NAME.json.")] = Path(
        "metrics/details/mt"
    ),
    scores: Annotated[Path, typer.Option(help="Folder for the BLEU statistics of every test sentence.")] = Path(
        "data/scores/mt"
    ),
    params: Annotated[Path, typer.Option(help="Parameter file.")] = Path("params.yaml"),
) -> None:
    """Compare a model's translations with the references, and compute the perplexity of the references.

    BLEU is case-sensitive. sacreBLEU computes it on detokenized text with the tokenizer 13a. For the perplexity, the
    model reads the earlier tokens of the reference (teacher forcing). During translation, the model reads the
    earlier tokens of its translation instead.
    """
    config = read_params(params, "evaluate_mt", EvaluateMTConfig)
    places = Outputs(metrics / f"{name}.json", details / f"{name}.json", scores / name)
    with new_outputs(places, SENTENCE_SCORES, [raw, tokens, models / name, translated / name, params]) as out:
        corpus, pairs = open_mt_corpus(raw, tokens), read_pairs(tokens, "test")
        translations = read_translations(translated / name, corpus)
        # Computed only once, for three uses: BLEU of all sentences, BLEU by source length, and the folder of scores.
        statistics = {strategy: statistics_of(records, corpus) for strategy, records in translations.items()}
        device, description = prepare(read_runtime(params)), open_mt(models / name)
        batches = (pairs.batch(rows).to(device) for rows in bucketed(pairs, config.batch_tokens))
        forced = teacher_forced(load_mt(models / name, description).to(device), batches)
        devices = Devices(training=description.device, scoring=name_device(device))
        model = TranslatorScores(description.parameters, devices, forced)
        result = translation_result(model, translations, statistics, corpus, config)
        write_result(out.metrics, result)
        write_sentence_scores(out.scores, SentenceScores(str(corpus.facts.sha256), statistics))
        attention = read_attention(translated / name / "attention.json")
        samples, history = first_sentences(translations, corpus), read_history(models / name / "history.csv")
        write_result(out.details, TranslationDetails(translations=samples, attention=attention, history=history))
    for strategy, quality in result.strategies.items():
        typer.echo(f"{strategy}: BLEU {quality.bleu:.2f}, chrF {quality.chrf:.2f}")
    typer.echo(f"teacher-forced perplexity {result.teacher_forced.perplexity:.2f}")


app = stage_app(main)

if __name__ == "__main__":
    app()
