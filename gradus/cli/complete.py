"""gradus complete: a language model goes on where a prompt ends."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gradus.cli.options import NoVerify
from gradus.errors import InputError
from gradus.text.special import UNK_ID

if TYPE_CHECKING:
    from gradus.decoding.strategy import Strategy
    from gradus.families.networks import NeuralFolder
    from gradus.families.ngrams import NgramFolder

StrategyName = Literal["greedy", "sample", "top_k", "nucleus", "beam"]


def main(
    model: Annotated[Path, typer.Argument(help="A language model's folder, such as models/lm/lstm.")],
    prompt: Annotated[str, typer.Argument(help="What to go on from; nothing begins a line.")] = "",
    strategy: Annotated[StrategyName, typer.Option(help="How to choose the next token.")] = "nucleus",
    texts: Annotated[int, typer.Option(min=1, help="Completions to draw; greedy and beam have one.")] = 3,
    length: Annotated[
        int, typer.Option(min=1, max=100_000, help="Tokens at most; the end of a sentence comes first.")
    ] = 40,
    temperature: Annotated[float, typer.Option(help="Of sample, top_k and nucleus; below 1 is bolder.")] = 1.0,
    top_k: Annotated[int, typer.Option(min=1, help="Types that top_k draws from.")] = 40,
    top_p: Annotated[float, typer.Option(help="Probability that nucleus draws from.")] = 0.9,
    beam_size: Annotated[int, typer.Option(help="Hypotheses that beam compares.")] = 4,
    length_penalty: Annotated[float, typer.Option(help="Reward of beam for long texts.")] = 0.0,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Of the draws.")] = 1,
    tokens: Annotated[Path, typer.Option(help="Folder that tokenize wrote.")] = Path("data/tokens/lm"),
    no_verify: NoVerify = False,
) -> None:
    """Let a language model complete a prompt; one completion a line.

    Example: gradus complete models/lm/lstm "The king" --strategy nucleus
    """
    from gradus.decoding.strategy import read_strategy
    from gradus.families.language_models import open_folder

    sample = {"kind": "sample", "temperature": temperature, "top_k": 0, "top_p": 1.0}
    settings: dict[StrategyName, dict[str, Any]] = {
        "greedy": {"kind": "greedy"},
        "sample": sample,
        "top_k": {**sample, "top_k": top_k},
        "nucleus": {**sample, "top_p": top_p},
        "beam": {"kind": "beam", "beam_size": beam_size, "length_penalty": length_penalty},
    }
    chosen = read_strategy(settings[strategy], f"--strategy {strategy}: ")
    count = texts if chosen.kind == "sample" else 1
    opened = open_folder(model, sums=not no_verify)
    for text in complete(opened, prompt, chosen, (count, length, seed), tokens):
        typer.echo(text)


def complete(
    model: "NgramFolder | NeuralFolder", prompt: str, strategy: "Strategy", sizes: tuple[int, int, int], tokens: Path
) -> list[str]:
    """Return a prompt with its completions.

    Args:
        model: an open language model.
        sizes: completions, tokens at most, seed.
    Raises:
        InputError: if the prompt has more than one line, or a word that the model does not know.
    """
    import torch

    from gradus.decoding.decode import decode
    from gradus.decoding.hypothesis import Request
    from gradus.decoding.prompt import Prompted
    from gradus.families.tokenizers import load_model_tokenizer

    tokenizer = load_model_tokenizer(model, tokens)
    ids = tokenizer.encode(prompt)
    if "\n" in prompt or UNK_ID in ids:
        found = "a line break" if "\n" in prompt else repr(tokenizer.decode(ids))
        raise InputError("PROMPT", expected="one line of known words", found=found, remedy="use words of the corpus")
    texts, length, seed = sizes
    step, device = model.step(torch.device("cpu"))
    request = Request(texts, length, device=device)
    found_ = decode(Prompted(step, ids, device), request, strategy, torch.Generator(device).manual_seed(seed))
    return [tokenizer.decode([*ids, *hypothesis.content]) for hypothesis in found_]
