from pathlib import Path

import numpy as np

from gradus.artifacts.json_files import read_json
from gradus.artifacts.places import new_folder
from gradus.text.manifest import TextCounts
from gradus.text.token_ids import TOKENS, read_ids
from gradus.text.tokenized import count_text, train_tokenizers, write_tokenized
from gradus.text.tokenizers.config import WordConfig
from gradus.text.tokenizers.tokenizer import load_tokenizer

WORDS = WordConfig(kind="word", min_count=1)


def test_tokens_characters_and_unknown_words_are_counted_by_hand(tmp_path: Path) -> None:
    texts = {"train": ["ä b ä"], "valid": ["ä"], "test": ["ä  b", "", "ä new b"]}
    tokenizers = train_tokenizers(WORDS, texts, joint=False)
    with new_folder(tmp_path / "lm", TOKENS) as folder:
        counts = write_tokenized(folder, tokenizers, texts)
    # tokens: (2 + EOS) + EOS + (3 + EOS) = 8, five of them words; code points: 4 + 0 + 7 + three newlines = 14
    assert counts["test"] == TextCounts(lines=3, tokens=8, characters=14, unk=1, oov_rate=1 / 5)
    manifest = read_json(tmp_path / "lm/manifest.json")
    assert manifest["splits"]["test"] == {"lines": 3, "tokens": 8, "characters": 14, "unk": 1, "oov_rate": 0.2}
    assert manifest["tokenizer"] == {"kind": "word", "size": 6, "sha256": tokenizers["tokenizer"].sha256}
    ids = read_ids(tmp_path / "lm", "test")
    assert ids.dtype == np.uint8  # enough for six ids
    assert ids.tolist() == [4, 5, 3, 3, 4, 1, 5, 3]


def test_a_text_of_blank_lines_has_no_unknown_rate() -> None:
    assert count_text(np.array([3, 3], np.int32), ["", ""]) == TextCounts(2, 2, 2, 0, 0.0)


def test_the_vocabulary_is_learned_from_training_text_only() -> None:
    texts = {"train": ["a"], "valid": ["b"], "test": ["c"]}
    assert train_tokenizers(WORDS, texts, joint=False)["tokenizer"].pieces[4:] == ["a"]


def test_source_and_target_share_one_vocabulary_or_have_their_own(tmp_path: Path) -> None:
    texts = {"train.src": ["a x"], "train.tgt": ["a A"], "test.src": ["x"], "test.tgt": ["A"]}
    shared = train_tokenizers(WORDS, texts, joint=True)
    assert {name: tokenizer.pieces[4:] for name, tokenizer in shared.items()} == {"tokenizer": ["a", "A", "x"]}
    apart = train_tokenizers(WORDS, texts, joint=False)
    with new_folder(tmp_path / "mt", TOKENS) as folder:
        write_tokenized(folder, apart, texts)
    assert load_tokenizer(tmp_path / "mt/tokenizer.src").pieces[4:] == ["a", "x"]
    assert load_tokenizer(tmp_path / "mt/tokenizer.tgt").pieces[4:] == ["A", "a"]
    assert read_ids(tmp_path / "mt", "test.tgt").tolist() == [4, 3]
    assert sorted(read_json(tmp_path / "mt/manifest.json")) == ["splits", "tokenizer.src", "tokenizer.tgt"]
