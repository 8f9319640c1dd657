"""Stage evaluate_lm_ngram: score the n-gram models of one smoother, measure generated texts, and write the metrics."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.command import stage_app
from gradus.evaluation.language_models.corpus import LanguageModelCorpus, line_scores, open_lm_corpus, read_generated
from gradus.evaluation.language_models.line_scores import LINE_SCORES, write_line_scores
from gradus.evaluation.language_models.result import LanguageModelInputs, OrderScores, ngram_result
from gradus.evaluation.language_models.summary import summarize
from gradus.evaluation.outputs import Outputs, new_outputs
from gradus.families.ngrams import NgramFolder, open_ngrams
from gradus.families.tokenizers import require_tokenizer
from gradus.ngram.scoring.model import unseen_share
from gradus.results.files import write_result


def main(
    name: Annotated[str, typer.Option(help="Name of a smoother, such as kneser_ney.")],
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
    """Score the validation text and the test text with n-gram models of every order, and measure generated texts.

    In the metrics, the keys `valid` and `test` contain the scores of the model of the highest order. On the built-in
    corpus the stage fails if a score is far below the known entropy of the text, because such a model must have seen
    the text.
    """
    places = Outputs(metrics / f"{name}.json", details / f"{name}.json", scores / name)
    with new_outputs(places, LINE_SCORES, [raw, tokens, models / name, generated / name, params]) as out:
        corpus, model = open_lm_corpus(raw, tokens), open_ngrams(models / name)
        require_tokenizer(model, corpus.tokenizer, tokens / "tokenizer")
        inputs = LanguageModelInputs(corpus, read_generated(generated / name, corpus), params)
        orders, highest = score_orders(model, corpus), model.orders[-1]
        stored = model.description.orders[highest].stored
        result = ngram_result(name, model.kind, orders, stored, inputs)
        write_result(out.metrics, result)
        write_line_scores(out.scores, line_scores({"line": orders[highest].test}, corpus))
        best = orders[highest]
        write_result(out.details, inputs.details(best.test if best.normalised else None, fitted=model.fitted))
    for line in summarize(result.test):
        typer.echo(line)


def score_orders(model: NgramFolder, corpus: LanguageModelCorpus) -> dict[int, OrderScores]:
    """Score the validation text and the test text with the model of each order; return a dict from order to scores."""
    # The model of the highest order also has the n-grams of all lower orders, so one pass counts for every order.
    shares = unseen_share(model.model(model.orders[-1]), corpus.test.ids)
    orders = {}
    for order in model.orders:
        ngrams, described, (n_tokens, unseen) = model.model(order), model.description.orders[order], shares[order - 1]
        valid, test = (-ngrams.log_probs(text.ids) for text in (corpus.valid, corpus.test))
        share = unseen / n_tokens
        orders[order] = OrderScores(described.entries, described.bytes, share, ngrams.is_distribution, valid, test)
    return orders


app = stage_app(main)

if __name__ == "__main__":
    app()
