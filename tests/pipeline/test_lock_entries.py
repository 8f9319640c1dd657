"""dvc.lock is read to the values, and written with the bytes, of DVC's own functions."""

from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dvc.dvcfile import Lockfile
from dvc.stage import serialize
from dvc.utils.serialize import dumps_yaml, loads_yaml
from hypothesis import given
from hypothesis import strategies as st

from gradus.pipeline.lock import blocks_of, parse_exactly
from gradus.pipeline.lock_entries import dump_stages, load_yaml

COMMITTED = Path("dvc.lock").read_text(encoding="utf-8")
SMALL = "schema: '2.0'\nstages:\n  a:\n    cmd: one\n  b:\n    cmd: two\n"
LONG = "exec python -m stages.train_lm --name lstm --tokens data/tokens/lm --models models/lm --params params.yaml"
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.text("0123456789.eE+-_x~")
)
ENTRY = {
    "cmd": LONG,
    "deps": [{"path": "data/own", "hash": "md5", "md5": "0" * 32 + ".dir", "size": 1, "nfiles": 2}],
    "params": {"params.yaml": {"numerics": "portable", "rate": 1.0e-06, "names": ["x: y", "no", ""], "empty": None}},
}


class RecordingLockfile(Lockfile):
    """A lock file without a repository, which counts how often git is told of a change."""

    def __init__(self, path: Path) -> None:
        self._path, self.tracked = str(path), 0
        scm_context = SimpleNamespace(track_file=lambda _: setattr(self, "tracked", self.tracked + 1))
        self.repo: Any = SimpleNamespace(fs=None, scm_context=scm_context)

    path = property(lambda self: self._path)  # type: ignore[assignment]
    relpath = property(lambda self: self._path)  # type: ignore[assignment]


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every stage have the entry `ENTRY`."""
    monkeypatch.setattr(serialize, "to_lockfile", lambda stage, **_: {stage.name: deepcopy(ENTRY)})


@pytest.mark.parametrize("text", [SMALL, COMMITTED], ids=["small", "committed"])
def test_a_lock_file_has_the_values_that_dvc_reads(tmp_path: Path, text: str) -> None:
    lock = RecordingLockfile(tmp_path / "dvc.lock")
    Path(lock.path).write_text(text, encoding="utf-8")
    assert load_yaml(lock) == Lockfile._load_yaml(lock)


def test_the_committed_file_is_read_by_the_parser_in_c() -> None:
    """DVC's own parser takes a second, in every process. The file has an alias where networks share settings."""
    assert ": &id001\n" in COMMITTED
    assert parse_exactly(COMMITTED) == loads_yaml(COMMITTED)


@pytest.mark.parametrize(
    "text", ["a: *x\n", "a: &x [*x]\n", "a: &x [1]\nb: &y [*x]\nc: *y\n", "a: &x 1\nb: *x\n"], ids=str.strip
)
def test_aliases_that_dvc_never_writes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an alias of something unknown"):
        parse_exactly(text)


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20))
def test_whatever_dvc_writes_is_read_as_dvc_reads_it(value: Any) -> None:
    text = dumps_yaml({"stages": value})
    ours, theirs = parse_exactly(text), loads_yaml(text)
    assert repr(ours) == repr(theirs)  # repr, because 1 == 1.0 == True


@pytest.mark.parametrize("text", ["a: &x [1]\nb: *x\n", "a: !!str 1\n", "a: [", "a: 1\na: 2\n", ""])
def test_what_dvc_never_writes_is_left_to_its_own_parser(tmp_path: Path, text: str) -> None:
    lock = RecordingLockfile(tmp_path / "dvc.lock")
    Path(lock.path).write_text(text, encoding="utf-8")
    outcomes = []
    for read in (Lockfile._load_yaml, load_yaml):
        try:
            outcomes.append(repr(read(lock)))
        except Exception as error:
            outcomes.append(repr(error))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    "text",
    [
        SMALL,
        COMMITTED,
        "",
        "schema: '2.0'\ndatasets: []\nstages:\n  a:\n    cmd: one\n",
        "stages:\n  a:\n    cmd: one\nschema: '2.0'\n",
    ],
    ids=["small", "committed", "missing", "data sets", "other order"],
)
@pytest.mark.parametrize("names", [["a"], ["b"], ["c", "a"], ["train_lm@lstm"], []], ids="-".join)
def test_the_bytes_are_those_of_dvc(entry: None, tmp_path: Path, text: str, names: list[str]) -> None:
    locks = [RecordingLockfile(tmp_path / name) for name in ("theirs.lock", "ours.lock")]
    for lock, write in zip(locks, (Lockfile.dump_stages, dump_stages), strict=True):
        if text:
            Path(lock.path).write_text(text, encoding="utf-8")
        for _ in range(2):  # the second time nothing changes
            write(lock, [SimpleNamespace(name=name) for name in names])
    contents = [Path(lock.path).read_text(encoding="utf-8") if Path(lock.path).exists() else None for lock in locks]
    assert contents[0] == contents[1]
    assert locks[0].tracked == locks[1].tracked
    assert not list(tmp_path.glob("*.part"))


def test_a_link_to_the_lock_file_stays_a_link(entry: None, tmp_path: Path) -> None:
    (tmp_path / "real.lock").write_text(SMALL)
    (tmp_path / "dvc.lock").symlink_to("real.lock")
    dump_stages(RecordingLockfile(tmp_path / "dvc.lock"), [SimpleNamespace(name="a")])
    assert (tmp_path / "dvc.lock").is_symlink()
    assert LONG[:40] in blocks_of((tmp_path / "real.lock").read_text())["  a:"]
