from pathlib import Path
from typing import Any

import pytest

from gradus.artifacts.json_files import write_json
from gradus.errors import InputError
from gradus.text.manifest import read_manifest

WORD = {"kind": "word", "size": 6, "sha256": "ab"}
COUNTS = {"lines": 2, "tokens": 5, "characters": 20, "unk": 0, "oov_rate": 0.0}


def test_both_sides_share_one_tokenizer_or_have_their_own(tmp_path: Path) -> None:
    write_json(tmp_path / "manifest.json", {"tokenizer": WORD, "splits": {"test": COUNTS}, "of another version": 1})
    shared = read_manifest(tmp_path)
    assert shared.joint and shared.tokenizer("src") == shared.tokenizer("tgt") == shared.tokenizer()
    assert shared.counts_of("test").characters == 20
    write_json(tmp_path / "manifest.json", {"tokenizer.src": WORD, "tokenizer.tgt": WORD | {"size": 9}})
    apart = read_manifest(tmp_path)
    assert (apart.joint, apart.tokenizer("src").size, apart.tokenizer("tgt").size) == (False, 6, 9)
    with pytest.raises(InputError, match="expected one tokenizer for all texts, found tokenizer.src, tokenizer.tgt"):
        apart.tokenizer()
    with pytest.raises(InputError, match="expected the counts of test, found none"):
        apart.counts_of("test")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "manifest.json: expected one tokenizer, or one for each side, found none"),
        ({"tokenizer": WORD, "tokenizer.src": WORD}, "found tokenizer, tokenizer.src"),
        ({"tokenizer": 5}, "manifest.json: tokenizer: expected keys with values, found 5"),
        ({"tokenizer": WORD | {"size": 3}}, "tokenizer.size: expected at least 4 and less than 2.31, found 3"),
        ({"tokenizer": WORD | {"size": True}}, "tokenizer.size: expected a whole number, found true"),
        ({"tokenizer": WORD | {"sha256": None}}, "tokenizer.sha256: expected text, found nothing"),
        ({"tokenizer": WORD, "splits": [1]}, "splits: expected keys with values, found a list"),
        (
            {"tokenizer": WORD, "splits": {"test": COUNTS | {"unk": -1}}},
            "splits.test.unk: expected a number of at least 0",
        ),
    ],
)
def test_a_damaged_manifest_is_refused_with_its_key(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    write_json(tmp_path / "manifest.json", content)
    with pytest.raises(InputError, match=message):
        read_manifest(tmp_path)
