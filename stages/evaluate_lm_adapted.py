"""Stage evaluate_lm_adapted: score a network with a cache or with dynamic evaluation; write the metrics."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.artifacts.json_files import json_with
from gradus.artifacts.places import new_file, new_folder
from gradus.command import stage_app
from gradus.evaluation.adaptation.subject import Subject
from gradus.evaluation.adaptation.table import ADAPTATIONS, Adaptation, read_adaptation, settings_of
from gradus.evaluation.language_models.corpus import LanguageModelCorpus, line_scores, open_lm_corpus
from gradus.evaluation.language_models.line_scores import LINE_SCORES, write_line_scores
from gradus.evaluation.language_models.result import AdaptedScores, adapted_result
from gradus.evaluation.language_models.summary import summarize
from gradus.evaluation.neural import ScoringConfig
from gradus.evaluation.outputs import METRICS
from gradus.families.networks import NeuralFolder, open_network_folder
from gradus.families.tokenizers import require_tokenizer
from gradus.params import read_params
from gradus.results.files import write_result
from gradus.results.language_model import AdaptedNetwork
from gradus.results.subject import Devices
from gradus.runtime import name_device, prepare, read_runtime


def main(
    name: Annotated[str, typer.Option(help="Name of an entry of `adapt_lm` in params.yaml.")],
    raw: Annotated[Path, typer.Option(help="Folder of the corpus that `acquire` wrote.")] = Path("data/raw/lm"),
    tokens: Annotated[Path, typer.Option(help="Folder of the token ids that `tokenize` wrote.")] = Path(
        "data/tokens/lm"
    ),
    models: Annotated[Path, typer.Option(help="Folder of all models.")] = Path("models/lm"),
    metrics: Annotated[Path, typer.Option(help="The metrics are written to METRICS/NAME.json.")] = Path("metrics/lm"),
    scores: Annotated[Path, typer.Option(help="Folder for the scores of every test line.")] = Path("data/scores/lm"),
    params: Annotated[Path, typer.Option(help="Parameter file.")] = Path("params.yaml"),
) -> None:
    """Score the validation text and the test text with a network that adapts to the text that it reads.

    Each text is scored as one stream, from the trained weights and without a cache. Every token is scored before
    anything is learned from it. The folder of the network stays as it is.

    On the built-in corpus the stage fails if a score is far below the known entropy of the text.
    """
    config = read_adaptation(params, name)
    inputs = [raw, tokens, models / config.model, params]
    with (
        new_file(metrics / f"{name}.json", json_with(*METRICS), inputs=inputs) as metrics_file,
        new_folder(scores / name, LINE_SCORES, inputs=inputs) as scores_folder,
    ):
        corpus, model = open_lm_corpus(raw, tokens), open_network_folder(models / config.model)
        require_tokenizer(model, corpus.tokenizer, tokens / "tokenizer")
        scored = score_adapted(model, corpus, config, tokens, params)
        result = adapted_result(name, scored, corpus)
        write_result(metrics_file, result)
        write_line_scores(scores_folder, line_scores(scored.test, corpus))
    for line in summarize(result.test):
        typer.echo(line)


def score_adapted(
    model: NeuralFolder, corpus: LanguageModelCorpus, config: Adaptation, tokens: Path, params: Path
) -> AdaptedScores:
    """Score the validation text and the test text on the device that params.yaml names."""
    chunk, device = read_params(params, "score_lm", ScoringConfig).chunk, prepare(read_runtime(params))
    score = ADAPTATIONS[type(config)](Subject(model.model(device), tokens, chunk), config)
    about, settings = model.description, settings_of(config)
    network = AdaptedNetwork(network=config.model, kind=model.kind, parameters=about.parameters, settings=settings)
    devices = Devices(training=about.device, scoring=name_device(device))
    valid, test = (score(text.ids) for text in (corpus.valid, corpus.test))
    return AdaptedScores(config.kind, network, devices, {"stream": valid}, {"stream": test})


app = stage_app(main)

if __name__ == "__main__":
    app()
