"""Score the n-gram models of one smoother and their generated texts; write the metrics."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.command import stage_app
from gradus.evaluation.language_models.corpus import LanguageModelCorpus, line_scores, open_lm_corpus, read_generated
from gradus.evaluation.language_models.generation import first_texts
from gradus.evaluation.language_models.line_scores import LINE_SCORES, write_line_scores
from gradus.evaluation.language_models.result import LanguageModelInputs, OrderScores, ngram_result
from gradus.evaluation.language_models.summary import summarize
from gradus.evaluation.outputs import Outputs, new_outputs
from gradus.families.ngrams import NgramFolder, open_ngrams
from gradus.families.tokenizers import require_tokenizer
from gradus.ngram.scoring.model import unseen_share
from gradus.results.details import LanguageModelDetails
from gradus.results.files import write_result


def main(
    name: Annotated[str, typer.Option(help="An n-gram model of models/lm, such as kneser_ney.")],
    raw: Annotated[Path, typer.Option(help="Corpus, from acquire.")] = Path("data/raw/lm"),
    tokens: Annotated[Path, typer.Option(help="Token ids and tokenizer, from tokenize.")] = Path("data/tokens/lm"),
    models: Annotated[Path, typer.Option(help="Folder of the models.")] = Path("models/lm"),
    generated: Annotated[Path, typer.Option(help="Folder of the generated texts.")] = Path("data/generated"),
    metrics: Annotated[Path, typer.Option(help="Folder for numbers: NAME.json.")] = Path("metrics/lm"),
    details: Annotated[Path, typer.Option(help="Folder for samples: NAME.json.")] = Path("metrics/details/lm"),
    scores: Annotated[Path, typer.Option(help="Folder for the scores of every test line.")] = Path("data/scores/lm"),
    params: Annotated[Path, typer.Option(help="Parameters.")] = Path("params.yaml"),
) -> None:
    """Score the validation and test text with n-gram models of every order, and measure the generated texts.

    The main scores are those of the highest order. The stage fails if a model scores the built-in corpus far below its
    known entropy, because such a model must have seen the test text.
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
        texts = first_texts(inputs.generated)
        write_result(out.details, LanguageModelDetails(texts=texts, history=[], fitted=model.fitted))
    for line in summarize(result.test):
        typer.echo(line)


def score_orders(model: NgramFolder, corpus: LanguageModelCorpus) -> dict[int, OrderScores]:
    """Score both texts line by line with the models of every order."""
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
