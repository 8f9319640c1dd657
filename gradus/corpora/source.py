"""Reader of the corpora that the stage `acquire` wrote."""

from pathlib import Path
from typing import Any

from gradus.artifacts.json_files import read_json
from gradus.artifacts.seals import REMEDY, open_sealed
from gradus.corpora.files import CORPUS
from gradus.errors import InputError


def open_corpus(folder: Path, *languages: str) -> dict[str, Any]:
    """Verify a corpus that `acquire` wrote; return the content of its `source.json`.

    Args:
        folder: folder of one track.
        languages: keys of the languages: `language`, or `src` and `tgt`.
    Raises:
        InputError: if a file is missing or was changed, or if `source.json` lacks a key.
    """
    open_sealed(folder, CORPUS)
    path = folder / "source.json"
    about = read_json(path)
    has_names = all(isinstance(about.get(key), str) for key in ("corpus", *languages))
    seen = about.get("test_lines_seen_in_training")
    if not has_names or type(seen) is not int or seen < 0:  # isinstance would accept true and false
        expected = f"text in {', '.join(('corpus', *languages))} and a count in test_lines_seen_in_training"
        raise InputError(path, expected=expected, found="missing or other values", remedy=REMEDY)
    return about
