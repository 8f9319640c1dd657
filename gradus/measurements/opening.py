"""Open a trained language model, its settings and its text for a measurement."""

from pathlib import Path

from pydantic.dataclasses import dataclass

from gradus.families.networks import open_network_folder
from gradus.families.tokenizers import require_same_tokenizer
from gradus.measurements.subject import Subject
from gradus.networks.language_models.build import LMConfig
from gradus.params import STRICT, validated
from gradus.runtime import RuntimeConfig
from gradus.text.token_ids import open_tokens
from gradus.training.lm import LMTrainingConfig
from gradus.weights import open_network


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TrainedSettings:
    """Settings with which a model was trained: the first keys of its `config.json`."""

    network: LMConfig
    training: LMTrainingConfig


def open_subject(path: Path, tokens: Path, runtime: RuntimeConfig) -> Subject:
    """Check the folders of a model and of token ids, and read the settings with which the model was trained.

    Args:
        path: folder of the model.
        tokens: folder of token ids.
        runtime: seed, threads and device of the measurement.
    Raises:
        InputError: if a folder is missing or damaged, or the model was trained with another tokenizer.
    """
    model, manifest = open_network_folder(path), open_tokens(tokens)
    require_same_tokenizer(path, tokens, f"SHA-256 {model.tokenizer_sha256}", f"SHA-256 {manifest.tokenizer().sha256}")
    # The folder's sums are checked above.
    values = open_network(path, sums=False)
    settings = {key: values.get(key) for key in ("network", "training")}
    return Subject(model, tokens, validated(settings, f"{path}/config.json: ", TrainedSettings), runtime)
