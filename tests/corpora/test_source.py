from pathlib import Path
from typing import Any

import pytest

from gradus.artifacts.json_files import write_json
from gradus.corpora.source import read_source_file
from gradus.errors import InputError

CORPUS = {"corpus": "cats", "src": "en", "tgt": "de", "test_lines_seen_in_training": 4}


def test_languages_and_floors_are_read(tmp_path: Path) -> None:
    floors = {"lines": 2, "line_floor_nats": 10, "stream_floor_nats": 9.5}
    unknown = {"lines": 2, "line_floor_nats": None, "stream_floor_nats": None}
    write_json(tmp_path / "source.json", {**CORPUS, "valid": unknown, "test": floors})
    source = read_source_file(tmp_path, "src", "tgt")
    assert (source.corpus, source.languages, source.test_lines_seen_in_training) == ("cats", ("en", "de"), 4)
    assert source.floors_of("test").line_floor_nats == 10.0
    assert source.floors_of("valid").stream_floor_nats is None
    with pytest.raises(InputError, match="expected the floors of train, found none"):
        source.floors_of("train")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"corpus": None}, "source.json: corpus: expected text, found nothing"),
        ({"tgt": 5}, "source.json: tgt: expected text, found 5"),
        ({"test_lines_seen_in_training": True}, "test_lines_seen_in_training: expected a whole number, found true"),
        ({"test": 5}, "source.json: test: expected keys with values, found 5"),
        ({"test": {"line_floor_nats": 1.0, "stream_floor_nats": "9"}}, "test.stream_floor_nats: expected a number"),
        ({"test": {"line_floor_nats": 1.0}}, "test: expected both line_floor_nats and stream_floor_nats, or neither"),
    ],
)
def test_a_damaged_source_is_refused_with_its_key(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    write_json(tmp_path / "source.json", CORPUS | change)
    with pytest.raises(InputError, match=message):
        read_source_file(tmp_path, "src", "tgt")
