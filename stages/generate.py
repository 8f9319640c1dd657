"""A language model to the text that it writes, by every decoding strategy."""

from pathlib import Path
from typing import Annotated

import torch
import typer

from gradus.artifacts.places import new_folder
from gradus.command import stage_app
from gradus.decoding.decode import decode
from gradus.decoding.hypothesis import Request
from gradus.decoding.records import TEXTS, Record, running_text, write_records
from gradus.decoding.strategy import GenerateConfig
from gradus.families.language_models import open_folder
from gradus.families.tokenizers import require_tokenizer
from gradus.params import read_params
from gradus.runtime import prepare, read_runtime
from gradus.text.tokenizer import load_tokenizer


def main(
    name: Annotated[str, typer.Option(help="A model of models/lm, such as lstm or modified_kneser_ney.")],
    tokens: Annotated[Path, typer.Option(help="Token ids and tokenizer, from tokenize.")] = Path("data/tokens/lm"),
    models: Annotated[Path, typer.Option(help="Folder of the models.")] = Path("models/lm"),
    generated: Annotated[Path, typer.Option(help="Folder of the texts; NAME is made in it.")] = Path("data/generated"),
    params: Annotated[Path, typer.Option(help="Parameters.")] = Path("params.yaml"),
) -> None:
    """Let one language model write texts of a fixed length by every strategy of decode.lm.

    An end of sentence does not stop it: the model goes on with the next line. Greedy decoding and beam
    search draw nothing, so all their texts would be equal and one is written.
    """
    runtime = read_runtime(params)
    config = read_params(params, "decode.lm", GenerateConfig)
    with new_folder(generated / name, TEXTS, inputs=[tokens, models / name, params]) as folder:
        model = open_folder(models / name)
        tokenizer = load_tokenizer(tokens / "tokenizer")
        require_tokenizer(model, tokenizer, tokens / "tokenizer")
        step, device = model.step(prepare(runtime))
        for label, strategy in config.strategies.items():
            texts = config.texts if strategy.kind == "sample" else 1
            request = Request(texts, config.tokens, stop_at_eos=False, device=device)
            generator = torch.Generator(device).manual_seed(runtime.seed)  # its own: strategies do not shift each other
            found = decode(step, request, strategy, generator)
            records = [
                Record(running_text(h.tokens, tokenizer.decode), list(h.tokens), h.log_prob, h.score) for h in found
            ]
            write_records(folder / f"{label}.jsonl", records)
            typer.echo(f"{label}: {texts} texts of {config.tokens} tokens")


app = stage_app(main)

if __name__ == "__main__":
    app()
