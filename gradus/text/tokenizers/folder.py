"""Read and write a vocabulary file, and `tokenizer.json` with the kind of tokenizer and the vocabulary's SHA-256."""

import hashlib
from pathlib import Path
from typing import Final, Literal

from gradus.artifacts.inputs import read_bytes
from gradus.artifacts.json_files import read_json, write_json
from gradus.errors import InputError

FORMAT: Final = 1
"""Version of the file format; readers refuse other versions."""
VOCABULARY: Final = {
    "word": "vocabulary.txt",
    "unigram": "sentencepiece.model",
    "bpe": "sentencepiece.model",
    "char": "sentencepiece.model",
}
"""Dict from the kind of a tokenizer to the name of its vocabulary file."""
MOST_BYTES = 1 << 30
"""Maximum size of a vocabulary file in bytes."""
REMEDY = "run tokenize again (dvc repro)"


def sha256(content: bytes) -> str:
    """Return the SHA-256 of the content of a vocabulary file, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def write_folder(folder: Path, kind: str, content: bytes) -> None:
    """Write the vocabulary file, and `tokenizer.json` with the kind of tokenizer and the SHA-256 of the vocabulary."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / VOCABULARY[kind]).write_bytes(content)
    write_json(folder / "tokenizer.json", {"format": FORMAT, "kind": kind, "sha256": sha256(content)})


def read_folder(folder: Path) -> tuple[Literal["word", "unigram", "bpe", "char"], bytes]:
    """Return the kind of a tokenizer, and the verified content of its vocabulary file.

    Raises:
        InputError: if a file is missing, if the format or the kind is unknown, or if the SHA-256 is wrong.
    """
    about = read_json(folder / "tokenizer.json")
    kind = about.get("kind")
    if about.get("format") != FORMAT or not isinstance(kind, str) or kind not in VOCABULARY:
        found = f"format {about.get('format')}, kind {kind}"
        where = folder / "tokenizer.json"
        raise InputError(where, expected=f"a tokenizer of format {FORMAT}", found=found, remedy=REMEDY)
    path = folder / VOCABULARY[kind]  # only now: `kind` comes from a file of unknown origin
    content = read_bytes(path, "a vocabulary", REMEDY, most=MOST_BYTES)
    if sha256(content) != about.get("sha256"):
        expected = f"SHA-256 {about.get('sha256')}, as tokenizer.json says"
        raise InputError(path, expected=expected, found=sha256(content), remedy=REMEDY)
    return about["kind"], content
