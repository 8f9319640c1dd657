"""SHA-256 of the text that a result is about."""

import hashlib
from pathlib import Path


def sha256_of(*paths: Path) -> str:
    """Return the SHA-256 of the concatenated bytes of some files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
