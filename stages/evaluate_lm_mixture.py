"""Stage evaluate_lm_mixture: score a mixture of language models, measure its generated texts, write the metrics."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.command import stage_app
from gradus.evaluation.language_models.corpus import LanguageModelCorpus, line_scores, open_lm_corpus, read_generated
from gradus.evaluation.language_models.line_scores import LINE_SCORES, write_line_scores
from gradus.evaluation.language_models.result import LanguageModelInputs, MixtureScores, mixture_result
from gradus.evaluation.language_models.summary import summarize
from gradus.evaluation.mixtures.scores import contexts_of, mixture_nats
from gradus.evaluation.mixtures.setup import Setup
from gradus.evaluation.neural import ScoringConfig
from gradus.evaluation.outputs import Outputs, new_outputs
from gradus.families.mixtures import MixtureFolder, open_mixture_folder
from gradus.families.tokenizers import require_tokenizer
from gradus.params import read_params
from gradus.results.files import write_result
from gradus.results.language_model import MixtureModels
from gradus.runtime import prepare, read_runtime


def main(
    name: Annotated[str, typer.Option(help="Name of a mixture, such as lstm_5gram.")],
    raw: Annotated[Path, typer.Option(help="Folder of the corpus that `acquire` wrote.")] = Path("data/raw/lm"),
    tokens: Annotated[Path, typer.Option(help="Folder of the token ids that `tokenize` wrote.")] = Path(
        "data/tokens/lm"
    ),
    models: Annotated[Path, typer.Option(help="Folder of all mixtures.")] = Path("models/mixtures"),
    generated: Annotated[Path, typer.Option(help="Folder of the texts of all models.")] = Path("data/generated"),
    metrics: Annotated[Path, typer.Option(help="The metrics are written to METRICS/NAME.json.")] = Path("metrics/lm"),
    details: Annotated[Path, typer.Option(help="The details are written to DETAILS/NAME.json.")] = Path(
        "metrics/details/lm"
    ),
    scores: Annotated[Path, typer.Option(help="Folder for the scores of every test line.")] = Path("data/scores/lm"),
    params: Annotated[Path, typer.Option(help="Parameter file.")] = Path("params.yaml"),
) -> None:
    """Score the validation text and the test text with a mixture of language models, and measure generated texts.

    Each text is scored in two contexts, with the weights of the context: networks read it as one stream of tokens, or
    line by line. n-gram models always read it line by line; a mixture without networks has only this context.

    On the built-in corpus the stage fails if a score is far below the known entropy of the text, because such a model
    must have seen the text.
    """
    places = Outputs(metrics / f"{name}.json", details / f"{name}.json", scores / name)
    with new_outputs(places, LINE_SCORES, [raw, tokens, models / name, generated / name, params]) as out:
        corpus, model = open_lm_corpus(raw, tokens), open_mixture_folder(models / name)
        require_tokenizer(model, corpus.tokenizer, tokens / "tokenizer")
        inputs = LanguageModelInputs(corpus, read_generated(generated / name, corpus), params)
        scored = score_mixture(model, corpus, params)
        result = mixture_result(name, scored, inputs)
        write_result(out.metrics, result)
        write_line_scores(out.scores, line_scores(scored.test, corpus))
        write_result(out.details, inputs.details(scored.test["line"]))
    for line in summarize(result.test):
        typer.echo(line)


def score_mixture(model: MixtureFolder, corpus: LanguageModelCorpus, params: Path) -> MixtureScores:
    """Score the validation text and the test text in every context, on the device that params.yaml names."""
    setup = Setup(read_params(params, "score_lm", ScoringConfig), prepare(read_runtime(params)))
    contexts = contexts_of(model.models)
    valid, test = (
        {context: mixture_nats(model, text.ids, context, setup) for context in contexts}
        for text in (corpus.valid, corpus.test)
    )
    about = MixtureModels(models=model.description.models, weights=model.description.weights)
    return MixtureScores(model.kind, about, valid, test)


app = stage_app(main)

if __name__ == "__main__":
    app()
