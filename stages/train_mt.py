"""Token ids of sentence pairs to one trained translation model."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic.dataclasses import dataclass

from gradus.artifacts.places import new_folder
from gradus.command import stage_app, track
from gradus.networks.translation_models.build import MTConfig, build_mt
from gradus.networks.translation_models.parts import Sizes
from gradus.params import STRICT, read_params
from gradus.runtime import name_device, prepare, read_runtime
from gradus.text.pairs import read_pairs
from gradus.text.token_ids import open_tokens
from gradus.training.checkpoint import checkpoint_for
from gradus.training.loop import train
from gradus.training.model_folder import write_trained
from gradus.training.mt import TranslationTask, TranslationTraining
from gradus.weights import NETWORK

SPLITS, SIDES = ("train", "valid"), ("src", "tgt")


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TrainMTConfig:
    """One entry of `train_mt` in params.yaml."""

    network: MTConfig
    training: TranslationTraining


def main(
    name: Annotated[str, typer.Option(help="A key of train_mt in params.yaml, such as attention.")],
    tokens: Annotated[Path, typer.Option(help="Token ids of sentence pairs, from tokenize.")] = Path("data/tokens/mt"),
    models: Annotated[Path, typer.Option(help="Folder of the models; NAME is made in it.")] = Path("models/mt"),
    scratch: Annotated[Path, typer.Option(help="Where a killed training can go on, for 14 days.")] = Path(".gradus"),
    params: Annotated[Path, typer.Option(help="Parameters.")] = Path("params.yaml"),
) -> None:
    """Train one translation model by teacher forcing and keep the weights that are best on validation.

    A run that is killed goes on after its last whole epoch when it is started again, and ends with the
    same bytes as one that was not.
    """
    runtime = read_runtime(params)
    config = read_params(params, f"train_mt.{name}", TrainMTConfig)
    sizes, sha256 = _tokenizers(open_tokens(tokens))
    pairs, valid = (read_pairs(tokens, split) for split in SPLITS)
    settings = {"runtime": asdict(runtime), "config": asdict(config)}
    files = [tokens / "manifest.json", *(tokens / f"{split}.{side}.npy" for split in SPLITS for side in SIDES)]
    checkpoint = checkpoint_for(f"train_mt-{name}", settings, files, scratch=scratch)
    vocabulary = {"vocabulary_sizes": asdict(sizes), "tokenizer_sha256": sha256}
    with new_folder(models / name, NETWORK, inputs=[tokens, params, scratch]) as folder:
        device = prepare(runtime)
        model = build_mt(config.network, sizes).to(device)
        task = TranslationTask(model, pairs, valid, config.training, seed=runtime.seed, device=device)
        epochs = train(model, task, config.training, checkpoint=checkpoint, log=typer.echo, track=track)
        about = {**asdict(config), **vocabulary, "device": asdict(name_device(device))}
        write_trained(folder, model, epochs, about)
    checkpoint.remove()


def _tokenizers(manifest: dict[str, Any]) -> tuple[Sizes, dict[str, str]]:
    """Return the vocabulary sizes and the tokenizers' hashes, by side."""
    joint = "tokenizer" in manifest
    src, tgt = (manifest["tokenizer" if joint else f"tokenizer.{side}"] for side in SIDES)
    return Sizes(src["size"], tgt["size"], joint), {"src": src["sha256"], "tgt": tgt["sha256"]}


app = stage_app(main)

if __name__ == "__main__":
    app()
