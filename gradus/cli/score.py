"""gradus score: what a text costs a language model."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gradus.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradus.families import NeuralFolder, NgramFolder


def main(
    model: Annotated[Path, typer.Argument(help="A language model's folder, such as models/lm/kneser_ney.")],
    file: Annotated[Path, typer.Argument(help="Text, one sentence a line; standard input if not given.")] = Path(
        "/dev/stdin"
    ),
    by_line: Annotated[bool, typer.Option("--by-line", help="Print each line's nats before it.")] = False,
    order: Annotated[
        int | None, typer.Option(min=1, help="Order of an n-gram model; the highest if not given.")
    ] = None,
    tokens: Annotated[Path, typer.Option(help="Folder that tokenize wrote.")] = Path("data/tokens/lm"),
) -> None:
    """Score a text by a language model, every line by itself: perplexity, nats and bits.

    Example: gradus score models/lm/modified_kneser_ney data/raw/lm/test.txt
    """
    import numpy as np

    from gradus.corpora.files import read_lines
    from gradus.evaluation.cross_entropy import measures, tally
    from gradus.evaluation.scorecard import unnormalised_card
    from gradus.families import open_folder, require_tokenizer
    from gradus.text.special import UNK_ID
    from gradus.text.token_ids import line_starts
    from gradus.text.tokenizer import load_tokenizer

    opened, tokenizer = open_folder(model), load_tokenizer(tokens / "tokenizer")
    require_tokenizer(opened, tokenizer, tokens / "tokenizer")
    lines = read_lines(file)
    ids = tokenizer.encode_lines(lines)
    nats, normalised = line_scores(opened, ids, order)
    if by_line:
        for cost, line in zip(np.add.reduceat(nats, line_starts(ids)[:-1]), lines, strict=True):
            typer.echo(f"{cost:.4f}\t{line}")
    unknown = int(np.count_nonzero(ids == UNK_ID))
    characters = None if unknown else sum(map(len, lines)) + len(lines)
    card = measures(tally(nats), characters) if normalised else unnormalised_card(nats)
    for name, value in {**card, "unknown_tokens": unknown}.items():
        typer.echo(f"{name}: {value:.6g}" if isinstance(value, float) else f"{name}: {value}", err=by_line)


def line_scores(
    model: "NgramFolder | NeuralFolder", ids: "NDArray[Any]", order: int | None
) -> tuple["NDArray[np.float64]", bool]:
    """Return -ln P of every token, every line by itself, and whether P is a distribution.

    Raises:
        InputError: if an order is asked of a network, or one that was not fitted of n-grams.
    """
    from gradus.families import NgramFolder

    if isinstance(model, NgramFolder):
        ngrams = model.model(order or model.orders[-1])
        return -ngrams.log_probs(ids), ngrams.is_distribution
    if order is not None:
        raise InputError("--order", expected="an n-gram model", found=f"a {model.kind}", remedy="leave it out")
    import torch

    from gradus.evaluation.neural import ScoringConfig, line_nats

    return line_nats(model.model(torch.device("cpu")), ids, ScoringConfig(stride=1, chunk=1024, batch=64)), True
