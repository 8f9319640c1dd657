"""List the models in a folder with their kind, corpus, score and size. No weights are read, so this needs no torch."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass as checked_dataclass

from gradus.artifacts.json_files import read_json
from gradus.artifacts.seals import REMEDY, SEAL, open_sealed, sealed_kind
from gradus.errors import InputError
from gradus.families.mixtures import MIXTURE_FILE
from gradus.families.networks import CONFIG
from gradus.families.ngrams import MANIFEST
from gradus.families.recorded import Identity, recorded_score
from gradus.results.fields import RESULT, Count, Order
from gradus.results.files import parse_result
from gradus.text.origin import read_origin

LEVELS = 2
"""Number of levels below the given folder that are searched."""
NGRAMS, NETWORK, MIXTURE = "n-gram models", "a trained network", "a mixture of language models"
"""Kinds of folders, as in their seals. The modules that write the folders would import NumPy and torch."""


@dataclass(frozen=True)
class ModelEntry:
    """Entry of a model in the list."""

    folder: Path
    track: Literal["lm", "mt"]
    """`lm` for a language model, `mt` for a translation model."""
    kind: str
    """Smoother, network or mixture, such as `katz`, `gru, additive attention` or `linear mixture`."""
    order: int | None
    """Highest order of n-gram models; None for other models."""
    corpus: str | None
    """Corpus of the training text, if it is known."""
    score: float | None
    """Perplexity (`lm`, line by line) or BLEU (`mt`) of the test text; None if no score of this model is recorded."""
    bytes: int
    """Size of all files."""


@dataclass(frozen=True)
class DamagedEntry:
    """Entry of a folder that gradus wrote for a model, but that cannot be read."""

    folder: Path
    problem: str
    """Error message."""


@checked_dataclass(frozen=True, config=RESULT)
class _Order:
    stored: Count


@checked_dataclass(frozen=True, config=RESULT)
class _Ngrams:
    """Keys of `manifest.json` that the list needs."""

    kind: str
    tokenizer_sha256: str
    orders: Annotated[dict[Order, _Order], Field(min_length=1)]


@checked_dataclass(frozen=True, config=RESULT)
class _Tokenizers:
    src: str
    tgt: str


@checked_dataclass(frozen=True, config=RESULT)
class _Network:
    """Keys of `config.json` that the list needs."""

    network: dict[str, Any]
    parameters: Count
    tokenizer_sha256: str | _Tokenizers
    """SHA-256 of the tokenizer. A translation model has two tokenizers, which may be equal."""


@checked_dataclass(frozen=True, config=RESULT)
class _Mixture:
    """Keys of `mixture.json` that the list needs."""

    kind: str
    models: list[str]
    tokenizer_sha256: str


def list_models(folder: Path) -> list[ModelEntry | DamagedEntry]:
    """Return an entry for every model in a folder, sorted by path.

    A model in `models/TRACK/NAME` has a score if the file `metrics/TRACK/NAME.json` beside the folder `models`
    describes the same model: with the same kind, corpus, tokenizer and size. A mixture is in `models/mixtures/NAME`,
    and its score in `metrics/lm/NAME.json`.

    Args:
        folder: folder to search, such as `models`.
    Raises:
        InputError: if there is no model.
    """
    inside = (path for level in range(1, LEVELS + 1) for path in folder.glob("/".join("*" * level)))
    folders = sorted(path for path in (folder, *inside) if path.is_dir())
    entries = [entry for path in folders for entry in _entry(path)]
    if not entries:
        found = "none" if folder.is_dir() else "no folder"
        remedy = "train the models (gradus repro), or name another folder"
        raise InputError(folder, expected="a folder with models", found=found, remedy=remedy)
    return entries


def holds_model(folder: Path) -> bool:
    """Say whether a folder has the file that describes a model. The file may be damaged."""
    return any((folder / name).is_file() for name in (MANIFEST, CONFIG, MIXTURE_FILE))


def _entry(folder: Path) -> Iterator[ModelEntry | DamagedEntry]:
    """Yield the entry of a folder, or nothing if the folder does not look like a model."""
    try:
        if not (folder / SEAL).exists() and not _lost_its_seal(folder):
            return
        kind = sealed_kind(folder)
        if kind in _ENTRIES:
            size = sum(size for size, _ in open_sealed(folder, kind, sums=False).files.values())
            yield _ENTRIES[kind](folder, size)
    except InputError as error:
        yield DamagedEntry(folder, str(error))


def _lost_its_seal(folder: Path) -> bool:
    """Say whether a folder without a seal has the files of a model."""
    return (
        (folder / CONFIG).exists()
        and (folder / "weights.safetensors").exists()
        or ((folder / MANIFEST).exists() and any(folder.glob("log_probs.*.npy")))
        or (folder / MIXTURE_FILE).exists()
    )


def _ngrams(folder: Path, size: int) -> ModelEntry:
    path = folder / MANIFEST
    about = parse_result(read_json(path), f"{path}: ", _Ngrams, remedy=REMEDY)
    order = max(map(int, about.orders))
    identity = Identity(about.kind, (about.tokenizer_sha256,), about.orders[str(order)].stored)
    corpus, score = _corpus_and_score(folder, "lm", identity)
    return ModelEntry(folder, "lm", about.kind, order, corpus, score, size)


def _network(folder: Path, size: int) -> ModelEntry:
    path = folder / CONFIG
    about = parse_result(read_json(path), f"{path}: ", _Network, remedy=REMEDY)
    kind = _kind(about.network)
    if isinstance(about.tokenizer_sha256, str):
        identity = Identity(kind, (about.tokenizer_sha256,), about.parameters)
        return ModelEntry(folder, "lm", kind, None, *_corpus_and_score(folder, "lm", identity), size)
    sums = (about.tokenizer_sha256.src, about.tokenizer_sha256.tgt)
    corpus_and_score = _corpus_and_score(folder, "mt", Identity(None, sums, about.parameters))
    return ModelEntry(folder, "mt", kind, None, *corpus_and_score, size)


def _mixture(folder: Path, size: int) -> ModelEntry:
    path = folder / MIXTURE_FILE
    about = parse_result(read_json(path), f"{path}: ", _Mixture, remedy=REMEDY)
    identity = Identity(about.kind, (about.tokenizer_sha256,), len(about.models))
    return ModelEntry(folder, "lm", f"{about.kind} mixture", None, *_corpus_and_score(folder, "lm", identity), size)


_ENTRIES = {NGRAMS: _ngrams, NETWORK: _network, MIXTURE: _mixture}
"""Dict from the kind of a folder to the function that makes its entry from the folder and its size in bytes."""


def _corpus_and_score(folder: Path, track: Literal["lm", "mt"], identity: Identity) -> tuple[str | None, float | None]:
    origin = read_origin(folder)
    corpus = origin.corpus if origin else None
    recorded = recorded_score(folder, track, identity)
    if recorded is None or corpus not in (None, recorded.corpus):
        return corpus, None
    return recorded.corpus, recorded.score


def _kind(network: dict[str, Any]) -> str:
    """Return the kind of a network, such as `lstm`; for a recurrent translation model, the cell and the attention."""
    if network.get("kind") != "recurrent":
        return str(network.get("kind"))
    attention = network.get("attention")
    about = f", {attention.get('score')} attention" if isinstance(attention, dict) else ""
    return f"{network.get('cell')}{about}"
