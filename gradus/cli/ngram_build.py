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
    """A command whose help lists the smoothers; the table is imported only when help is printed."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options, with the names of the smoothers."""
        from gradus.ngram.smoothing.smoothers import published_settings

        (option,) = (option for option in self.params if option.name == "smoother")
        option.help = f"How unseen n-grams get a probability: {', '.join(published_settings())}."  # type: ignore[attr-defined]
        super().format_options(ctx, formatter)


def main(
    text: Annotated[Path, typer.Argument(help="Text, one sentence a line, words apart by white space; or FILE.gz.")],
    model: Annotated[Path, typer.Argument(help="Folder to write the model to.")],
    order: Annotated[int, typer.Option(min=1, max=32, help="Words of the longest n-gram.")] = 5,
    smoother: Annotated[str, typer.Option(help="How unseen n-grams get a probability.")] = "modified_kneser_ney",
    prune: Annotated[
        str, typer.Option(help="Kneser-Ney: for each order, drop n-grams that occur at most this often, as in '0 0 1'.")
    ] = "0",
    valid: Annotated[
        Path | None, typer.Option(help="Validation text, for smoothers that fit parameters on one, such as add_k.")
    ] = None,
    lmplz: Annotated[
        bool, typer.Option("--lmplz", help="Modified Kneser-Ney: make all numbers equal KenLM's.")
    ] = False,
    scratch: Annotated[
        Path | None, typer.Option(help="Folder for working files; use it if the text does not fit into memory.")
    ] = None,
    force: Force = False,
) -> None:
    """Build an n-gram model of a text: count, smooth, save.

    The vocabulary is all words of the text; other words are <unk>. Prints the size of the model. `gradus score` scores
    text with it, and `gradus ngram export` writes it for other toolkits.

    Example: gradus ngram build train.txt my_model --order 5
    """
    # inside the function, as in every command: `gradus --help` should not wait for NumPy and Arrow
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
    """Return a smoother with its published settings, and with pruning thresholds if it has any.

    Raises:
        InputError: if there is no such smoother, it cannot be pruned, or the thresholds are wrong.
    """
    from gradus.ngram.smoothing.smoothers import published_settings, published_smoother

    if prune == "0":
        return published_smoother(name, {}, "--smoother")
    prunable = [known for known, settings in published_settings().items() if "prune" in settings]
    if name not in prunable:
        raise InputError("--prune", expected=" or ".join(prunable), found=name, remedy="leave it out")
    # other words stay as they are: the settings refuse them by name; int() would accept "1_0" and "²"
    thresholds = [int(word) if word.isdecimal() and len(word) < 10 else word for word in prune.split()]
    return published_smoother(name, {"prune": thresholds}, "--smoother")
