"""Missing outputs of other stages do not make a stage stale; files that no stage wrote do."""

import pytest

from gradus.review.staleness import _reasons

OUTS = {"models/lm/lstm": "a1.dir", "models/lm/gru": "b2.dir", "data/tokens": "c3.dir"}


@pytest.mark.parametrize(
    ("path", "md5", "state", "stale"),
    [
        ("data/tokens", "c3.dir", "deleted", False),
        ("data/tokens", "d4.dir", "deleted", True),  # the stage has read another version
        ("models/lm", "e5.dir", "deleted", False),  # a folder of outputs, as mixtures read it
        ("models/l", "e5.dir", "deleted", True),  # not a folder of outputs, although the names begin alike
        ("gradus/params.py", "f6", "deleted", True),
        ("models/lm", "e5.dir", "modified", True),
    ],
)
def test_a_missing_output_is_no_reason(path: str, md5: str, state: str, stale: bool) -> None:
    entry = {"deps": [{"path": path, "md5": md5}]}
    assert list(_reasons(entry, [{"changed deps": {path: state}}], OUTS)) == ([path] if stale else [])
