"""gradus ngram build: a text file to an n-gram model that can be asked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from gradus.cli.options import Force
from gradus.cli.standalone import describe_model, new_model, write_standalone
from gradus.errors import InputError

if TYPE_CHECKING:
    from gradus.artifacts.allocation import Allocate
    from gradus.ngram.smoothing.smoothers import Fit, Smoother
    from gradus.text.word_tokenizer import WordTokenizer

SmootherName = Literal[
    "mle",
    "laplace",
    "add_k",
    "stupid_backoff",
    "katz",
    "jelinek_mercer",
    "witten_bell",
    "absolute_discounting",
    "kneser_ney",
    "modified_kneser_ney",
]

SMOOTHERS: dict[SmootherName, dict[str, Any]] = {
    "mle": {"kind": "mle"},
    "laplace": {"kind": "additive", "k": 1.0},
    "add_k": {"kind": "additive", "k": "fitted"},
    "stupid_backoff": {"kind": "stupid_backoff", "factor": 0.4},
    "katz": {"kind": "katz", "threshold": 5},
    "jelinek_mercer": {"kind": "jelinek_mercer", "bucket_tokens": 500, "tolerance": 1e-6, "iterations": 500},
    "witten_bell": {"kind": "witten_bell"},
    "absolute_discounting": {"kind": "absolute_discounting"},
    "kneser_ney": {"kind": "kneser_ney", "prune": [0]},
    "modified_kneser_ney": {"kind": "modified_kneser_ney", "prune": [0]},
}
"""The smoothers as published; other parameters are the pipeline's business."""


def main(
    text: Annotated[Path, typer.Argument(help="Text, one sentence a line, words apart by white space; or FILE.gz.")],
    model: Annotated[Path, typer.Argument(help="Folder to write the model to.")],
    order: Annotated[int, typer.Option(min=1, max=32, help="Words of the longest n-gram.")] = 5,
    smoother: Annotated[
        SmootherName, typer.Option(help="How n-grams that were not seen get their share.")
    ] = "modified_kneser_ney",
    prune: Annotated[
        str, typer.Option(help="Kneser-Ney: drop n-grams seen as often or less, by order, such as '0 0 1'.")
    ] = "0",
    valid: Annotated[
        Path | None, typer.Option(help="Text on which add_k and jelinek_mercer fit their parameters.")
    ] = None,
    lmplz: Annotated[
        bool,
        typer.Option("--lmplz", help="Modified Kneser-Ney: make all numbers KenLM's; they depend on the lines' order."),
    ] = False,
    scratch: Annotated[
        Path | None, typer.Option(help="Folder for working files, where the memory is too small for the text.")
    ] = None,
    force: Force = False,
) -> None:
    """Build an n-gram model of a text: count, smooth, save.

    Every word of the text gets into the vocabulary; all others are <unk>. Prints what the model holds; `gradus score`
    scores text by it, `gradus ngram export` writes it for other toolkits.

    Example: gradus ngram build train.txt my_model --order 5
    """
    from gradus.artifacts.allocation import working_arrays
    from gradus.ngram.storage import notes_of

    config = read_config(smoother, prune, lmplz)
    inputs = [path for path in (text, valid, scratch) if path]
    with new_model(model, inputs, force) as part, working_arrays(scratch) as empty:
        tokenizer, fitted = build((text, valid), config, order, lmplz, empty)
        write_standalone(part, fitted.model(order), tokenizer, notes_of(fitted))
        label = describe_model(model, fitted.model(order), smoother)
    typer.echo(label)


def build(
    texts: tuple[Path, Path | None], config: "Smoother", order: int, lmplz: bool, empty: "Allocate"
) -> tuple["WordTokenizer", "Fit"]:
    """Return the vocabulary of a text and its model of one order.

    Args:
        texts: the text, and the one to fit parameters on.
        config: the smoother.
        order: words of the longest n-gram.
        lmplz: whether modified Kneser-Ney's discounts shall be lmplz's to the last digit.
        empty: gives room for large arrays.
    """
    import numpy as np

    from gradus.command import track
    from gradus.corpora.files import read_blocks, read_lines
    from gradus.ngram.counting.counts import count_ngrams
    from gradus.ngram.smoothing.kneser_ney import ModifiedKneserNeyConfig, fit_kneser_ney
    from gradus.ngram.smoothing.lmplz import last_ngrams
    from gradus.ngram.smoothing.smoothers import Fit, fit
    from gradus.text.word_tokenizer import encode_words

    text, valid = texts
    tokenizer, ids = encode_words(read_blocks(text), text, empty, track)
    counts = count_ngrams(ids, order=order, vocabulary_size=tokenizer.size, empty=empty, track=track)
    if lmplz and isinstance(config, ModifiedKneserNeyConfig):
        models = fit_kneser_ney(counts, [order], 3, config.prune, last_ngrams(counts, ids))
        return tokenizer, Fit(config.kind, counts, models)
    held_out = np.empty(0, np.int32) if valid is None else tokenizer.encode_lines(read_lines(valid))
    return tokenizer, fit(config, counts, held_out, [order])


def read_config(smoother: SmootherName, prune: str, lmplz: bool) -> "Smoother":
    """Return the configuration of a smoother.

    Raises:
        InputError: if the thresholds are not numbers that never fall, or the smoother cannot be pruned, or does
            not have lmplz's discounts.
    """
    from gradus.ngram.smoothing.smoothers import Smoother
    from gradus.params import validated

    if lmplz and smoother != "modified_kneser_ney":
        raise InputError("--lmplz", expected="modified_kneser_ney", found=smoother, remedy="leave it out")
    section = dict(SMOOTHERS[smoother])
    if "prune" in section:
        section["prune"] = [
            int(threshold) if threshold.isdecimal() and len(threshold) < 10 else threshold
            for threshold in prune.split()
        ]
    elif prune != "0":
        raise InputError("--prune", expected="kneser_ney or modified_kneser_ney", found=smoother, remedy="leave it out")
    smoother_type: Any = Smoother
    return cast("Smoother", validated(section, f"--smoother {smoother}: ", smoother_type))
