"""Stage train_lm: train one neural language model on the token ids of a text."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic.dataclasses import dataclass

from gradus.command import stage_app, track
from gradus.networks.language_models.build import LanguageModelDescription, LMConfig, build_lm
from gradus.params import STRICT, read_params
from gradus.runtime import name_device, prepare, read_runtime
from gradus.text.origin import copy_origin
from gradus.text.token_ids import open_tokens
from gradus.training.checkpoint import SAVE_SECONDS, checkpoint_for
from gradus.training.launching import run_in_processes
from gradus.training.lm import LMTask, LMTrainingConfig, read_texts
from gradus.training.loop import train
from gradus.training.model_folder import trained_folder, write_trained
from gradus.weights import count_parameters


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TrainLMConfig:
    """One entry of `train_lm` in params.yaml."""

    network: LMConfig
    training: LMTrainingConfig


def main(
    name: Annotated[str, typer.Option(help="Name of the network in `train_lm` of params.yaml, such as lstm.")],
    tokens: Annotated[Path, typer.Option(help="Folder of token ids that `tokenize` wrote.")] = Path("data/tokens/lm"),
    models: Annotated[Path, typer.Option(help="The model is written to MODELS/NAME.")] = Path("models/lm"),
    scratch: Annotated[
        Path, typer.Option(help="Folder of checkpoints. A checkpoint is removed if it is not used for 14 days.")
    ] = Path(".gradus"),
    save_seconds: Annotated[
        float, typer.Option(min=0, help="Seconds between two saves of a checkpoint; 0 saves after every step.")
    ] = SAVE_SECONDS,
    params: Annotated[Path, typer.Option(help="Parameter file.")] = Path("params.yaml"),
) -> None:
    """Train one neural language model by truncated backpropagation; keep the weights with the lowest validation loss.

    If a run is killed, start the stage again. The new run continues at the step of the last checkpoint and writes the
    same bytes as a run that was not killed. If `processes` is above 1, that many processes share every batch. The file
    SCRATCH/train_lm-NAME-*.history.csv has the finished epochs.
    """
    runtime = read_runtime(params)
    config = read_params(params, f"train_lm.{name}", TrainLMConfig)
    manifest = open_tokens(tokens)
    tokenizer = manifest.tokenizer()
    text, valid = read_texts(tokens)
    files = [tokens / "manifest.json", tokens / "train.npy", tokens / "valid.npy"]
    checkpoint = checkpoint_for(f"train_lm-{name}", runtime, config, files, scratch=scratch, seconds=save_seconds)
    with trained_folder(models / name, inputs=[tokens, params, scratch]) as folder:
        copy_origin(manifest, folder)
        device = prepare(runtime)  # before the network is built, because this seeds its initial weights
        model = build_lm(config.network, tokenizer.size).to(device)
        task = LMTask(model, text, valid, config.training, seed=runtime.seed)
        epochs = train(model, task, config.training, checkpoint=checkpoint, log=typer.echo, track=track)
        description = LanguageModelDescription(
            network=config.network,
            vocabulary_size=tokenizer.size,
            tokenizer_sha256=tokenizer.sha256,
            device=name_device(device),
            parameters=count_parameters(model),
        )
        write_trained(folder, model, epochs, config, description)
    # Only now, because a run that is killed earlier still needs the checkpoint.
    checkpoint.remove()


app = stage_app(main, run=run_in_processes)

if __name__ == "__main__":
    app()
