"""Keep in a model's folder what the model needs from its training text: the tokenizers and the name of the corpus."""

from pathlib import Path

from pydantic.dataclasses import dataclass

from gradus.artifacts.json_files import read_json
from gradus.artifacts.seals import REMEDY
from gradus.errors import InputError
from gradus.results.fields import RESULT
from gradus.results.files import parse_result, write_result
from gradus.text.manifest import Manifest
from gradus.text.tokenizers.folder import read_folder, sha256, write_folder

CORPUS_FILE = "corpus.json"
"""Name of the file, in a folder of token ids or of a model, that names the corpus of the training text."""


@dataclass(frozen=True, config=RESULT)
class TextOrigin:
    """Corpus and languages of a training text: the content of `corpus.json`."""

    corpus: str
    """Name of the corpus, as in params.yaml."""
    languages: tuple[str, ...]
    """One language for a language model; source and target language for a translation model."""


def write_origin(folder: Path, origin: TextOrigin) -> None:
    """Write `corpus.json`."""
    write_result(folder / CORPUS_FILE, origin)


def read_origin(folder: Path) -> TextOrigin | None:
    """Read `corpus.json`. The result is None if the folder has no such file: the model was made of a text file.

    Raises:
        InputError: if the file is damaged.
    """
    path = folder / CORPUS_FILE
    return parse_result(read_json(path), f"{path}: ", TextOrigin, remedy=REMEDY) if path.exists() else None


def copy_origin(manifest: Manifest, model: Path) -> None:
    """Copy the tokenizers and `corpus.json` from a folder of token ids to the folder of a model.

    Args:
        manifest: manifest of the token ids on which the model was trained.
        model: the unfinished folder of the model.
    Raises:
        InputError: if a tokenizer or `corpus.json` is damaged, or a tokenizer is not the one that the manifest names.
    """
    tokens = manifest.path.parent
    for name, facts in manifest.tokenizers.items():
        kind, content = read_folder(tokens / name)
        if (found := sha256(content)) != facts.sha256:
            raise InputError(tokens / name, expected=f"SHA-256 {facts.sha256}", found=found, remedy=REMEDY)
        write_folder(model / name, kind, content)
    if origin := read_origin(tokens):
        write_origin(model, origin)
