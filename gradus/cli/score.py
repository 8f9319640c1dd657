"""gradus score: what a text costs a language model."""

import math
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
    from gradus.families.networks import NeuralFolder
    from gradus.families.ngrams import NgramFolder
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
    from gradus.families.language_models import open_folder
    from gradus.families.tokenizers import load_model_tokenizer

    opened = open_folder(model, sums=not no_verify)
    tokenizer = load_model_tokenizer(opened, tokens)
    score, normalised = scorer(opened, order)
    if by_line:
        typer.echo("nats\ttokens\toov\tperplexity\tperplexity_without_oov\ttext")
    show = (lambda text, ids, nats: typer.echo("\n".join(line_rows(text, ids, nats, normalised)))) if by_line else None
    for name, value in totals(*score_text(file, tokenizer, score, show), normalised).items():
        typer.echo(f"{name}: {_shown(value, 6)}", err=by_line)


def _shown(value: float | int, decimals: int) -> str:
    """Return a number with some decimals; one of more than fifteen digits, as a power of ten."""
    if isinstance(value, int):
        return str(value)
    return f"{value:.{decimals}f}" if abs(value) < 1e15 else f"{value:.{decimals}e}"


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
    from gradus.evaluation.cross_entropy import make_score, make_unnormalised_score
    from gradus.results.files import as_json

    unknown = every.n_tokens - known.n_tokens
    if not normalised:
        return {**as_json(make_unnormalised_score(every)), "oov": unknown}
    without = make_score(known).perplexity
    score = {**as_json(make_score(every, None if unknown else characters)), "oov": unknown}
    return score if without is None else {**score, "perplexity_without_oov": without}


def line_rows(text: str, ids: "NDArray[Any]", nats: "NDArray[np.float64]", normalised: bool) -> list[str]:
    """Return a row of the table for every line of a text; scores that are no probabilities have no perplexity.

    Raises:
        RunError: as `gradus.evaluation.cross_entropy.perplexity`.
    """
    import numpy as np

    from gradus.text.special import UNK_ID
    from gradus.text.token_ids import line_starts

    starts, known = line_starts(ids)[:-1], ids != UNK_ID
    costs, known_costs = np.add.reduceat(nats, starts), np.add.reduceat(np.where(known, nats, 0.0), starts)
    n_tokens = np.diff(line_starts(ids))
    unknown = n_tokens - np.add.reduceat(known, starts, dtype=np.int64)
    columns = zip(costs.tolist(), known_costs.tolist(), n_tokens.tolist(), unknown.tolist(), strict=True)
    rows = []
    for (cost, known_cost, n, oov), line in zip(columns, text.split("\n"), strict=False):
        both = [_perplexity(nats, count) if normalised else "-" for nats, count in ((cost, n), (known_cost, n - oov))]
        rows.append("\t".join([f"{cost:.4f}", str(n), str(oov), *both, line]))
    return rows


def _perplexity(nats: float, n_tokens: int) -> str:
    """Return the perplexity of a line as it is printed; costs below zero are rounding, see `tally`."""
    from gradus.evaluation.cross_entropy import perplexity

    return "inf" if math.isinf(nats) else _shown(perplexity(max(0.0, nats) / n_tokens), 2)


def scorer(model: "NgramFolder | NeuralFolder", order: int | None) -> tuple[Score, bool]:
    """Return what scores ids by a model, and whether the scores are probabilities.

    Raises:
        InputError: if an order is asked of a network, or one that was not fitted of n-grams.
    """
    from gradus.families.ngrams import NgramFolder

    if isinstance(model, NgramFolder):
        ngrams = model.model(order or model.orders[-1])
        return lambda ids: -ngrams.log_probs(ids), ngrams.is_distribution
    if order is not None:
        raise InputError("--order", expected="an n-gram model", found=f"a {model.kind}", remedy="leave it out")
    import torch

    from gradus.evaluation.neural import ScoringConfig, line_nats

    network = model.model(torch.device("cpu"))
    return lambda ids: line_nats(network, ids, ScoringConfig(stride=1, chunk=1024, batch=_side_by_side(ids))), True


def _side_by_side(ids: "NDArray[Any]") -> int:
    """Return how many lines to score in one call: 64, but fewer where lines are so long that they would fill memory."""
    import numpy as np

    from gradus.text.token_ids import line_starts

    return max(1, min(64, 2**16 // int(np.diff(line_starts(ids)).max())))
