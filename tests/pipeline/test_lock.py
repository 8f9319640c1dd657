"""Repair of dvc.lock: every truncation is detected, intact entries keep their bytes, DVC accepts the result."""

import re
import subprocess
from pathlib import Path

import pytest
from dvc.schema import COMPILED_LOCKFILE_SCHEMA
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from gradus.errors import InputError
from gradus.pipeline.lock import blocks_of, fault_of, is_truncated, read_entries, repaired

SHIPPED = Path("dvc.lock").read_text()
ENTRY = """\
  {name}:
    cmd: exec python -m stages.train_lm --name {name} and so on and on, for longer than
      DVC leaves in one line
    deps:
    - path: data/tokens
      hash: md5
      md5: {digit}e2f0a8d9e2f0a8d9e2f0a8d9e2f0a8d.dir
      size: 123{digit}
      nfiles: 1{digit}
    params:
      params.yaml:
        seed: 1
        train_lm.{name}:
          text: |
            two

            lines
          layers: []
    outs:
    - path: models/{name}
      hash: md5
      md5: {digit}e2f0a8d9e2f0a8d9e2f0a8d9e2f0a8d
      size: 45{digit}
"""
NAMES = ("rnn", "gru", "lstm")


def lock(*names: str, digit: int = 1) -> str:
    return "schema: '2.0'\nstages:\n" + "".join(ENTRY.format(name=name, digit=digit) for name in names)


WHOLE, OLD = lock(*NAMES), lock(*NAMES, digit=2)


def accepted_by_dvc(text: str) -> bool:
    """Return whether DVC's own parser and schema accept a text."""
    try:
        COMPILED_LOCKFILE_SCHEMA(YAML(typ="safe", pure=True).load(text))
    except Exception:
        return False
    return True


def test_files_written_by_dvc_are_valid() -> None:
    assert fault_of(SHIPPED) is None and fault_of(WHOLE) is None
    assert accepted_by_dvc(SHIPPED) and accepted_by_dvc(WHOLE)
    assert len(blocks_of(SHIPPED)) == len(re.findall("^    cmd:", SHIPPED, flags=re.MULTILINE))


@pytest.mark.parametrize("reference", [WHOLE, OLD], ids=["same", "older"])
def test_a_truncation_at_any_byte_is_detected_and_repaired(reference: str) -> None:
    for length in range(len(WHOLE)):
        cut = WHOLE[:length]
        assert fault_of(cut) or is_truncated(cut, reference)
        result = repaired(cut, [reference])
        assert result is not None and fault_of(result) is None
        new, old, found = blocks_of(WHOLE), blocks_of(reference), blocks_of(result)
        assert list(found) == list(new)
        for (head, block), after in zip(new.items(), [*NAMES[1:], "none"], strict=True):
            assert found[head] == (block if f"\n  {after[0]}" in cut else old[head])
    assert repaired(cut, [WHOLE]) == WHOLE


def test_a_truncation_of_the_shipped_lock_is_repaired_to_the_same_bytes() -> None:
    for length in range(0, len(SHIPPED), 4001):
        cut = SHIPPED[:length]
        assert fault_of(cut) or is_truncated(cut, SHIPPED)
        assert repaired(cut, [SHIPPED]) == SHIPPED


def test_without_a_reference_the_intact_entries_remain() -> None:
    for length in range(len(WHOLE)):
        result = repaired(WHOLE[:length], [])
        whole = [name for name, after in zip(NAMES, NAMES[1:], strict=False) if f"\n  {after[0]}" in WHOLE[:length]]
        assert result == (lock(*whole) if whole else None)


def test_an_invalid_entry_is_replaced_from_the_reference() -> None:
    broken = WHOLE.replace("hash: md5", "hash md5", 1)
    assert fault_of(broken)
    assert (
        repaired(broken, [OLD])
        == lock("rnn", digit=2)
        + lock("gru").partition("stages:\n")[2]
        + lock("lstm", digit=2).partition("stages:\n")[2]
    )  # the last entry of a damaged file is never trusted


def test_the_newest_reference_comes_first_and_all_are_used() -> None:
    assert repaired("", [lock("gru"), OLD]) == repaired(lock("gru")[:-1], [lock("gru"), OLD])
    assert blocks_of(repaired("", [lock("gru"), OLD]) or "") == blocks_of(OLD) | blocks_of(lock("gru"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "an empty file"),
        (" \n", "an empty file"),
        (WHOLE[:-1], "an incomplete last line"),
        (WHOLE + "a: [\n", "invalid YAML on line"),
        (WHOLE.replace("'2.0'", "'3.0'"), "a schema other than 2.0"),
        (WHOLE.replace("2.0", "2.\ufffd"), "bytes that are not UTF-8"),
        ("stages: {}\n", "a schema other than 2.0"),
        ("schema: '2.0'\nstages: []\n", "a key `stages` that is not a mapping"),
        (WHOLE.replace("    cmd: exec", "    cmd:\n      exec: "), "invalid YAML on line"),
        (WHOLE.replace("e2f0a8d\n", "e2f0\n", 1), "an invalid entry (rnn)"),
        (WHOLE.replace("size: 1231", "size: x", 1), "an invalid entry (rnn)"),
        (WHOLE.replace("    outs:\n", "    outs: x\n    more:\n", 1), "an invalid entry (rnn)"),
        (WHOLE.replace("    - path: data/tokens\n      hash", "    - hash", 1), "an invalid entry (rnn)"),
        (WHOLE + ENTRY.format(name="rnn", digit=1), "invalid YAML"),
        (f"schema: '2.0'\na: {'[' * 100_000}\n", "invalid YAML"),
        (f"schema: '2.0'\n{'- ' * 100_000}\n", "invalid YAML"),
        (f"<<<<<<< HEAD\n{WHOLE}=======\n{OLD}>>>>>>> other\n", "conflict markers of git"),
    ],
)
def test_each_kind_of_damage_is_named_and_repaired(text: str, fault: str) -> None:
    assert (fault_of(text) or "whole").startswith(fault)
    result = repaired(text, [OLD])
    assert result is not None and fault_of(result) is None and accepted_by_dvc(result)


def test_only_the_beginning_of_a_reference_counts_as_truncated() -> None:
    assert not is_truncated(lock("gru", "lstm"), WHOLE)
    assert not is_truncated(lock("rnn", "lstm"), WHOLE)
    assert not is_truncated(OLD, WHOLE)
    assert not is_truncated(WHOLE, WHOLE)
    assert is_truncated(lock("rnn", "gru", digit=2), WHOLE)


def test_a_conflict_of_git_gives_the_entries_of_both_sides_ours_first(project: Path) -> None:
    def git(*arguments: str, code: int = 0) -> None:
        assert subprocess.run(["git", *arguments], capture_output=True).returncode == code

    def commit(text: str) -> None:
        (project / "dvc.lock").write_text(text)
        git("add", "--all")
        git("commit", "--quiet", "--message", "x")

    commit(lock("rnn", "gru", digit=1))
    git("checkout", "-q", "-b", "theirs")
    commit(lock("rnn", "gru", "theirs", digit=2))
    git("checkout", "-q", "main")
    commit(lock("rnn", "gru", "ours", digit=3))
    git("merge", "theirs", code=1)
    text = (project / "dvc.lock").read_text()
    assert fault_of(text) == "conflict markers of git"
    result = repaired(text, [])
    assert result is not None and fault_of(result) is None and accepted_by_dvc(result)
    assert blocks_of(result) == blocks_of(lock("theirs", digit=2)) | blocks_of(lock("rnn", "gru", "ours", digit=3))


LINES = st.sampled_from([*WHOLE.splitlines(keepends=True), "<<<<<<< a\n", "=======\n", ">>>>>>> b\n", "||||||| c\n"])
PARTS = (
    LINES
    | st.text(max_size=8)
    | st.sampled_from(["  rnn:\n", "stages:\n", "&a ", "*a\n", "[", "{", "? ", "datasets: []\n"])
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PARTS, max_size=40), st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)))
@example([], 0, 0)
def test_dvc_accepts_the_repair_of_any_damage(parts: list[str], start: int, end: int) -> None:
    text = WHOLE[:start] + "".join(parts) + WHOLE[end:]
    if fault_of(text) is None:
        assert accepted_by_dvc(text)
    result = repaired(text, [OLD])
    assert result is not None and fault_of(result) is None and accepted_by_dvc(result)
    assert set(blocks_of(result)) >= set(blocks_of(OLD))
    alone = repaired(text, [])
    assert alone is None or fault_of(alone) is None and accepted_by_dvc(alone)


def test_entries_are_read_by_stage(tmp_path: Path) -> None:
    path = tmp_path / "dvc.lock"
    path.write_text(WHOLE)
    assert list(read_entries(path)) == list(NAMES)
    assert read_entries(path)["gru"]["outs"][0]["path"] == "models/gru"
    path.write_bytes(WHOLE.encode()[:-1] + b"\xff\n")
    with pytest.raises(
        InputError, match="expected a valid lock file of DVC, found bytes that are not UTF-8; run gradus mend"
    ):
        read_entries(path)
    with pytest.raises(InputError, match="expected a lock file of DVC, found no file; run dvc repro"):
        read_entries(tmp_path / "none")
