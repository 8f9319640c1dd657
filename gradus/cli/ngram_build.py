"""gradus ngram build: build an n-gram model from a text file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gradus.cli.options import Force
from gradus.cli.standalone import show_model
from gradus.command import Command
from gradus.errors import InputError

if TYPE_CHECKING:
    from gradus.ngram.smoothing.smoother import Smoother


class BuildCommand(Command):
    """Typer command whose help lists the names of all smoothers."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the help of the options, with the names of the smoothers."""
        # imported here, because only the help needs this list, and all other commands should start fast
        from gradus.ngram.smoothing.smoothers import published_settings

        (option,) = (option for option in self.params if option.name == "smoother")
        option.help = f"Smoothing method: {', '.join(published_settings())}."  # type: ignore[attr-defined]
        super().format_options(ctx, formatter)


def main(
    text: Annotated[
        Path, typer.Argument(help="Text file or FILE.gz: one sentence per line, white space between words.")
    ],
    model: Annotated[Path, typer.Argument(help="Folder for the new model.")],
    order: Annotated[int, typer.Option(min=1, max=32, help="Number of words of the longest n-gram.")] = 5,
    smoother: Annotated[str, typer.Option(help="Smoothing method.")] = "modified_kneser_ney",
    prune: Annotated[
        str,
        typer.Option(
            help="For Kneser-Ney: pruning thresholds, one per order, such as '0 0 1'. "
            "An n-gram is removed if its count is at most the threshold."
        ),
    ] = "0",
    valid: Annotated[
        Path | None, typer.Option(help="Validation text, for smoothers that fit parameters on it, such as add_k.")
    ] = None,
    lmplz: Annotated[
        bool,
        typer.Option("--lmplz", help="For modified Kneser-Ney: compute exactly the same numbers as KenLM's lmplz."),
    ] = False,
    scratch: Annotated[
        Path | None, typer.Option(help="Folder for temporary files. Needed only if the n-grams do not fit into memory.")
    ] = None,
    force: Force = False,
) -> None:
    """Build an n-gram model from a text file, and print the size of the model.

    The vocabulary consists of all words of the text. When the model scores another text, it reads unknown words as
    <unk>. Use `gradus score` to score text with the model, and `gradus ngram export` to write the model for other
    toolkits.

    Example: gradus ngram build train.txt my_model --order 5
    """
    # imported here, as in every command, because `gradus --help` should not wait for NumPy and Arrow
    from gradus.allocation import working_arrays
    from gradus.command import track
    from gradus.inference.ngram_building import BuildPlan, build_ngrams
    from gradus.inference.standalone_ngrams import new_standalone, write_standalone

    plan = BuildPlan(read_smoother(smoother, prune), order, valid, lmplz=lmplz)
    inputs = [path for path in (text, valid, scratch) if path]
    with new_standalone(model, inputs, force) as part, working_arrays(scratch) as allocate:
        built = build_ngrams(text, plan, allocate, track)
        write_standalone(part, built)
    show_model(model, built, smoother)


def read_smoother(name: str, prune: str) -> "Smoother":
    """Return the smoother `name` with its published settings and the pruning thresholds `prune`.

    Raises:
        InputError: if no smoother has this name, the smoother has no pruning, or a threshold is wrong.
    """
    from gradus.ngram.smoothing.smoothers import published_settings, published_smoother

    if prune == "0":
        return published_smoother(name, {}, "--smoother")
    prunable = [known for known, settings in published_settings().items() if "prune" in settings]
    if name not in prunable:
        raise InputError("--prune", expected=" or ".join(prunable), found=name, remedy="remove --prune")
    # int() would accept "1_0" and "²"; words that are not decimal stay text, which the settings refuse with a message
    thresholds = [int(word) if word.isdecimal() and len(word) < 10 else word for word in prune.split()]
    return published_smoother(name, {"prune": thresholds}, "--smoother")
