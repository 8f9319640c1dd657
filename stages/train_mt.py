"""Stage train_mt: train one translation model on the token ids of sentence pairs."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic.dataclasses import dataclass

from gradus.command import stage_app, track
from gradus.networks.translation_models.build import MTConfig, TranslationModelDescription, build_mt
from gradus.networks.translation_models.parts import vocabularies
from gradus.params import STRICT, read_params
from gradus.runtime import name_device, prepare, read_runtime
from gradus.text.origin import copy_origin
from gradus.text.pairs import read_pairs
from gradus.text.token_ids import open_tokens
from gradus.training.checkpoint import SAVE_SECONDS, checkpoint_for
from gradus.training.launching import run_in_processes
from gradus.training.loop import train
from gradus.training.model_folder import trained_folder, write_trained
from gradus.training.mt import TranslationTask, TranslationTraining
from gradus.weights import count_parameters

SPLITS, SIDES = ("train", "valid"), ("src", "tgt")


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TrainMTConfig:
    """One entry of `train_mt` in params.yaml."""

    network: MTConfig
    training: TranslationTraining


def main(
    name: Annotated[str, typer.Option(help="Name of the network in `train_mt` of params.yaml, such as attention.")],
    tokens: Annotated[Path, typer.Option(help="Folder of token ids that `tokenize` wrote.")] = Path("data/tokens/mt"),
    models: Annotated[Path, typer.Option(help="The model is written to MODELS/NAME.")] = Path("models/mt"),
    scratch: Annotated[
        Path, typer.Option(help="Folder of checkpoints. A checkpoint is removed if it is not used for 14 days.")
    ] = Path(".gradus"),
    save_seconds: Annotated[
        float, typer.Option(min=0, help="Seconds between two saves of a checkpoint; 0 saves after every step.")
    ] = SAVE_SECONDS,
    params: Annotated[Path, typer.Option(help="Parameter file.")] = Path("params.yaml"),
) -> None:
    """Train one translation model by teacher forcing; keep the weights with the lowest validation loss.

    If a run is killed, start the stage again. The new run continues at the step of the last checkpoint and writes the
    same bytes as a run that was not killed. If `processes` is above 1, that many processes share every batch. The file
    SCRATCH/train_mt-NAME-*.history.csv has the finished epochs.
    """
    runtime = read_runtime(params)
    config = read_params(params, f"train_mt.{name}", TrainMTConfig)
    manifest = open_tokens(tokens)
    sizes, sums = vocabularies(manifest)
    pairs, valid = (read_pairs(tokens, split) for split in SPLITS)
    files = [tokens / "manifest.json", *(tokens / f"{split}.{side}.npy" for split in SPLITS for side in SIDES)]
    checkpoint = checkpoint_for(f"train_mt-{name}", runtime, config, files, scratch=scratch, seconds=save_seconds)
    with trained_folder(models / name, inputs=[tokens, params, scratch]) as folder:
        copy_origin(manifest, folder)
        device = prepare(runtime)  # before the network is built, because this seeds its initial weights
        model = build_mt(config.network, sizes).to(device)
        task = TranslationTask(model, pairs, valid, config.training, seed=runtime.seed)
        epochs = train(model, task, config.training, checkpoint=checkpoint, log=typer.echo, track=track)
        description = TranslationModelDescription(
            network=config.network,
            vocabulary_sizes=sizes,
            tokenizer_sha256=sums,
            device=name_device(device),
            parameters=count_parameters(model),
        )
        write_trained(folder, model, epochs, config, description)
    # Only now, because a run that is killed earlier still needs the checkpoint.
    checkpoint.remove()


app = stage_app(main, run=run_in_processes)

if __name__ == "__main__":
    app()
