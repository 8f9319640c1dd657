"""Compute the SHA-256 of a test text. The hash shows whether two results are about the same text."""

import hashlib
from pathlib import Path


def sha256_of(*paths: Path) -> str:
    """Return the SHA-256 of the bytes of all files, concatenated in the given order."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
