"""gradus score: what a text costs a language model."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gradus.cli.options import NoVerify
from gradus.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradus.evaluation.cross_entropy import Tally
    from gradus.families import NeuralFolder, NgramFolder
    from gradus.text.tokenizer import Tokenizer

Score = Callable[["NDArray[Any]"], "NDArray[np.float64]"]
"""Returns -ln P of every token, every line by itself."""


def main(
    model: Annotated[Path, typer.Argument(help="A language model's folder, such as models/lm/kneser_ney.")],
    file: Annotated[Path, typer.Argument(help="Text, one sentence a line; standard input if not given.")] = Path(
        "/dev/stdin"
    ),
    by_line: Annotated[bool, typer.Option("--by-line", help="Print a table of the lines; sums go to stderr.")] = False,
    order: Annotated[
        int | None, typer.Option(min=1, help="Order of an n-gram model; the highest if not given.")
    ] = None,
    tokens: Annotated[
        Path, typer.Option(help="Folder that tokenize wrote, for a model without a tokenizer of its own.")
    ] = Path("data/tokens/lm"),
    no_verify: NoVerify = False,
) -> None:
    """Score a text by a language model, every line by itself: nats, tokens, unknown tokens (OOV), perplexity.

    The end of every line is a token. Perplexity is given with the unknown tokens and without: then they are left out
    of nats and tokens, and stay in the context of others.

    Example: gradus score models/lm/modified_kneser_ney data/raw/lm/test.txt
    """
    from gradus.families import load_model_tokenizer, open_folder

    opened = open_folder(model, sums=not no_verify)
    tokenizer = load_model_tokenizer(opened, tokens)
    score, normalised = scorer(opened, order)
    if by_line:
        typer.echo("nats\ttokens\toov\tperplexity\tperplexity_without_oov\ttext")
    show = (lambda *line: typer.echo("\n".join(line_rows(*line)))) if by_line else None
    for name, value in totals(*score_text(file, tokenizer, score, show), normalised).items():
        typer.echo(f"{name}: {value:.6f}" if isinstance(value, float) else f"{name}: {value}", err=by_line)


def block_size(vocabulary_size: int) -> int:
    """Return the bytes of text to score at once: enough to pay for one look at the whole vocabulary."""
    return min(2**22, max(2**19, 24 * vocabulary_size))


def score_text(
    file: Path, tokenizer: "Tokenizer", score: Score, show: Callable[..., None] | None
) -> tuple["Tally", "Tally", int]:
    """Return what all tokens of a file cost, what the known ones cost, and the file's code points.

    Args:
        file: the text.
        tokenizer: the model's.
        score: the model.
        show: takes text, ids and nats of some lines at a time.
    """
    from gradus.corpora.files import read_blocks
    from gradus.evaluation.cross_entropy import Tally, tally
    from gradus.ngram.threads import in_threads
    from gradus.text.special import UNK_ID

    def scored(block: bytes) -> "tuple[str, NDArray[Any], NDArray[np.float64]]":
        ids = tokenizer.encode_block(block)
        return block.decode(), ids, score(ids)

    every, known, characters = Tally(0.0, 0, 0), Tally(0.0, 0, 0), 0
    for text, ids, nats in in_threads(scored, read_blocks(file, size=block_size(tokenizer.size))):
        every, known = every + tally(nats), known + tally(nats[ids != UNK_ID])
        characters += len(text)
        if show:
            show(text, ids, nats)
    return every, known, characters


def totals(every: "Tally", known: "Tally", characters: int, normalised: bool) -> dict[str, float | int]:
    """Return what is printed of a text.

    Args:
        every: what all tokens cost.
        known: what those cost that are not unknown.
        characters: code points of the text.
        normalised: whether the scores are probabilities.
    """
    from gradus.evaluation.cross_entropy import measures

    unknown = every.n_tokens - known.n_tokens
    if not normalised:
        from gradus.evaluation.scorecard import unnormalised_card

        return {**unnormalised_card(every), "oov": unknown}
    without = measures(known).get("perplexity")
    card = {**measures(every, None if unknown else characters), "oov": unknown}
    return card if without is None else {**card, "perplexity_without_oov": without}


def line_rows(text: str, ids: "NDArray[Any]", nats: "NDArray[np.float64]") -> list[str]:
    """Return a row of the table for every line of a text."""
    import numpy as np

    from gradus.text.special import UNK_ID
    from gradus.text.token_ids import line_starts

    starts, known = line_starts(ids)[:-1], ids != UNK_ID
    costs, known_costs = np.add.reduceat(nats, starts), np.add.reduceat(np.where(known, nats, 0.0), starts)
    n_tokens = np.diff(line_starts(ids))
    unknown = n_tokens - np.add.reduceat(known, starts, dtype=np.int64)
    with np.errstate(over="ignore"):
        perplexities, without = np.exp(costs / n_tokens), np.exp(known_costs / (n_tokens - unknown))
    columns = zip(costs, n_tokens, unknown, perplexities, without, text.split("\n"), strict=False)
    return [f"{cost:.4f}\t{n}\t{oov}\t{one:.2f}\t{two:.2f}\t{line}" for cost, n, oov, one, two, line in columns]


def scorer(model: "NgramFolder | NeuralFolder", order: int | None) -> tuple[Score, bool]:
    """Return what scores ids by a model, and whether the scores are probabilities.

    Raises:
        InputError: if an order is asked of a network, or one that was not fitted of n-grams.
    """
    from gradus.families import NgramFolder

    if isinstance(model, NgramFolder):
        ngrams = model.model(order or model.orders[-1])
        return lambda ids: -ngrams.log_probs(ids), ngrams.is_distribution
    if order is not None:
        raise InputError("--order", expected="an n-gram model", found=f"a {model.kind}", remedy="leave it out")
    import torch

    from gradus.evaluation.neural import ScoringConfig, line_nats

    network, config = model.model(torch.device("cpu")), ScoringConfig(stride=1, chunk=1024, batch=64)
    return lambda ids: line_nats(network, ids, config), True
