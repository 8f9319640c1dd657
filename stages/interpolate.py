"""Stage interpolate: fit the weights of one mixture of language models on the validation text."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.artifacts.places import new_folder
from gradus.command import stage_app
from gradus.evaluation.mixtures.fit import fit_mixture
from gradus.evaluation.mixtures.setup import Setup
from gradus.evaluation.neural import ScoringConfig
from gradus.families.components import open_component
from gradus.families.tokenizers import require_tokenizer
from gradus.mixtures.config import read_mixture
from gradus.mixtures.storage import MIXTURE, MixtureDescription, write_mixture
from gradus.params import read_params
from gradus.runtime import prepare, read_runtime
from gradus.text.origin import copy_origin
from gradus.text.token_ids import open_tokens, read_ids
from gradus.text.tokenizers.tokenizer import load_tokenizer


def main(
    name: Annotated[str, typer.Option(help="Name of the mixture in `interpolate` of params.yaml.")],
    tokens: Annotated[Path, typer.Option(help="Folder of token ids that `tokenize` wrote.")] = Path("data/tokens/lm"),
    models: Annotated[Path, typer.Option(help="Folder of the models to mix.")] = Path("models/lm"),
    mixtures: Annotated[Path, typer.Option(help="The mixture is written to MIXTURES/NAME.")] = Path("models/mixtures"),
    params: Annotated[Path, typer.Option(help="Parameter file.")] = Path("params.yaml"),
) -> None:
    """Mix language models of one tokenizer; fit their weights on the validation text.

    The mixture has one set of weights per context: `line` for texts that networks read line by line, `stream` for texts
    that they read as one stream. n-gram models always read line by line. The folder of the mixture contains the models.
    """
    config = read_mixture(params, name)
    manifest, tokenizer = open_tokens(tokens), load_tokenizer(tokens / "tokenizer")
    with new_folder(mixtures / name, MIXTURE, inputs=[models, tokens, params]) as folder:
        opened = {model: open_component(models / model) for model in config.models}
        for model in opened.values():
            require_tokenizer(model, tokenizer, tokens / "tokenizer")
        setup = Setup(read_params(params, "score_lm", ScoringConfig), prepare(read_runtime(params)))
        fits = fit_mixture(config, opened, read_ids(tokens, "valid"), setup)
        copy_origin(manifest, folder)
        description = MixtureDescription(
            kind=config.kind,
            models=config.models,
            weights={context: fit.weights for context, fit in fits.items()},
            valid_nats_per_token={context: fit.nats_per_token for context, fit in fits.items()},
            vocabulary_size=tokenizer.size,
            tokenizer_sha256=tokenizer.sha256,
        )
        write_mixture(folder, description, {model: models / model for model in config.models})
    for context, fit in fits.items():
        shares = ", ".join(f"{model} {weight:.4f}" for model, weight in zip(config.models, fit.weights, strict=True))
        typer.echo(f"{context}: {fit.nats_per_token:.4f} nats/token on the validation text; {shares}")


app = stage_app(main)

if __name__ == "__main__":
    app()
