"""The texts of a corpus as other stages find them, and what `source.json` says of them."""

from pathlib import Path
from typing import Any

from gradus.artifacts.json_files import read_json
from gradus.artifacts.seals import REMEDY, open_sealed
from gradus.corpora.files import CORPUS
from gradus.errors import InputError


def open_corpus(folder: Path, *languages: str) -> dict[str, Any]:
    """Check the texts that `acquire` wrote, and return what `source.json` says.

    Args:
        folder: of one track.
        languages: keys that name its languages: `language`, or `src` and `tgt`.
    Raises:
        InputError: if a file is missing, or not as it was written.
    """
    open_sealed(folder, CORPUS)
    path = folder / "source.json"
    about = read_json(path)
    named = all(isinstance(about.get(key), str) for key in ("corpus", *languages))
    seen = about.get("test_lines_seen_in_training")
    if not named or type(seen) is not int or seen < 0:
        expected = f"corpus, {', '.join(languages)}, and the test lines seen in training"
        raise InputError(path, expected=expected, found="others", remedy=REMEDY)
    return about
