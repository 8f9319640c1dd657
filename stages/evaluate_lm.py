"""Stage evaluate_lm: score a neural language model, measure its generated texts, and write the metrics."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.command import stage_app
from gradus.evaluation.history import read_history
from gradus.evaluation.language_models.corpus import LanguageModelCorpus, line_scores, open_lm_corpus, read_generated
from gradus.evaluation.language_models.line_scores import LINE_SCORES, write_line_scores
from gradus.evaluation.language_models.result import LanguageModelInputs, NetworkScores, network_result
from gradus.evaluation.language_models.summary import summarize
from gradus.evaluation.neural import ScoringConfig, network_nats
from gradus.evaluation.outputs import Outputs, new_outputs
from gradus.families.networks import NeuralFolder, open_network_folder
from gradus.families.tokenizers import require_tokenizer
from gradus.params import read_params
from gradus.results.files import write_result
from gradus.results.subject import Devices
from gradus.runtime import name_device, prepare, read_runtime


def main(
    name: Annotated[str, typer.Option(help="Name of a neural language model, such as lstm.")],
    raw: Annotated[Path, typer.Option(help="Folder of the corpus that `acquire` wrote.")] = Path("data/raw/lm"),
    tokens: Annotated[Path, typer.Option(help="Folder of the token ids that `tokenize` wrote.")] = Path(
        "data/tokens/lm"
    ),
    models: Annotated[Path, typer.Option(help="Folder of all models.")] = Path("models/lm"),
    generated: Annotated[Path, typer.Option(help="Folder of the texts of all models.")] = Path("data/generated"),
    metrics: Annotated[Path, typer.Option(help="The metrics are written to METRICS/NAME.json.")] = Path("metrics/lm"),
    details: Annotated[Path, typer.Option(help="The details are written to DETAILS/NAME.json.")] = Path(
        "metrics/details/lm"
    ),
    scores: Annotated[Path, typer.Option(help="Folder for the scores of every test line.")] = Path("data/scores/lm"),
    params: Annotated[Path, typer.Option(help="Parameter file.")] = Path("params.yaml"),
) -> None:
    """Score the validation text and the test text with a neural language model, and measure generated texts.

    Each text is scored twice: as one stream of tokens, and line by line. The scores by line can be compared with the
    scores of n-gram models, which always read a text line by line.

    On the built-in corpus the stage fails if a score is far below the known entropy of the text, because such a model
    must have seen the text.
    """
    places = Outputs(metrics / f"{name}.json", details / f"{name}.json", scores / name)
    with new_outputs(places, LINE_SCORES, [raw, tokens, models / name, generated / name, params]) as out:
        corpus, model = open_lm_corpus(raw, tokens), open_network_folder(models / name)
        require_tokenizer(model, corpus.tokenizer, tokens / "tokenizer")
        inputs = LanguageModelInputs(corpus, read_generated(generated / name, corpus), params)
        scored = score_network(model, corpus, params)
        result = network_result(name, scored, inputs)
        write_result(out.metrics, result)
        write_line_scores(out.scores, line_scores(scored.test, corpus))
        history = read_history(models / name / "history.csv")
        write_result(out.details, inputs.details(scored.test["line"], history=history))
    for line in summarize(result.test):
        typer.echo(line)


def score_network(model: NeuralFolder, corpus: LanguageModelCorpus, params: Path) -> NetworkScores:
    """Score the validation text and the test text on the device that params.yaml names.

    Each text is scored twice: as one stream of tokens, and line by line.
    """
    scoring, device = read_params(params, "score_lm", ScoringConfig), prepare(read_runtime(params))
    network, about = model.model(device), model.description
    valid, test = (network_nats(network, text.ids, scoring) for text in (corpus.valid, corpus.test))
    devices = Devices(training=about.device, scoring=name_device(device))
    return NetworkScores(model.kind, about.parameters, devices, valid, test)


app = stage_app(main)

if __name__ == "__main__":
    app()
