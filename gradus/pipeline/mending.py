"""Keep dvc.lock whole: a copy of the last whole one, and what mends a damaged one and DVC's other leftovers."""

import subprocess
from pathlib import Path

from gradus.artifacts.places import new_file, write_text
from gradus.pipeline.claims import DVC_TEMPORARY, held, mend_claims
from gradus.pipeline.lock import blocks_of, damaged, fault_of, is_cut, mended, read_lock

LOCK = Path("dvc.lock")
KEPT = Path(".gradus/dvc.lock")
"""The last whole lock file."""


def require_whole_lock() -> None:
    """Refuse a damaged dvc.lock in the current folder, which DVC itself refuses without a remedy.

    Raises:
        InputError: if it is damaged, and no DVC command is just writing it.
    """
    if _fault() is None:
        return
    with held(DVC_TEMPORARY / "lock"):
        fault = _fault()
    if fault is not None:
        raise damaged(LOCK, fault)


def _fault() -> str | None:
    text = read_lock(LOCK)
    return None if text is None else fault_of(text)


def mend() -> list[str]:
    """Mend what a killed DVC command left in the current folder; return a line for each thing that was mended.

    Raises:
        RunError: if another DVC command is at work.
    """
    lines = mend_claims()
    with held(DVC_TEMPORARY / "lock"):
        return lines + _mend_lock()


def keep_lock(*, trusted: bool = False) -> None:
    """Copy dvc.lock to `KEPT` if it is whole.

    Args:
        trusted: believe that it is whole even if it lacks the last entries of the copy; else it is then taken for
            one that a DVC command is just writing.
    """
    text, kept = read_lock(LOCK), read_lock(KEPT)
    if text and text != kept and fault_of(text) is None and (trusted or kept is None or not is_cut(text, kept)):
        _replace(KEPT, text)


def _mend_lock() -> list[str]:
    text, kept, committed = read_lock(LOCK), read_lock(KEPT), _committed()
    references = [reference for reference in (kept, committed) if reference and fault_of(reference) is None]
    if text is None or text == committed and fault_of(text) is None:
        return []
    fault = fault_of(text)
    if fault is None and any(is_cut(text, reference) for reference in references):
        fault = "a file that was cut"
    if fault is None:
        return []
    aside = _set_aside()
    whole = mended(text, references)
    if whole is None:
        LOCK.unlink()
        return [f"removed {LOCK} ({fault}), of which nothing can be used; it is kept as {aside}"]
    _replace(LOCK, whole)
    kept_entries, entries = len(blocks_of(text).items() & blocks_of(whole).items()), len(blocks_of(whole))
    return [f"mended {LOCK} ({fault}): {kept_entries} of {entries} entries are its own; it is kept as {aside}"]


def _set_aside() -> Path:
    """Copy the damaged lock file to a free name beside the kept one."""
    number = 1
    while (aside := KEPT.with_name(f"dvc.lock.damaged{number}")).exists():
        number += 1
    aside.parent.mkdir(exist_ok=True)
    aside.write_bytes(LOCK.read_bytes())
    return aside


def _committed() -> str | None:
    shown = subprocess.run(["git", "show", f"HEAD:./{LOCK}"], stdin=subprocess.DEVNULL, capture_output=True)
    return None if shown.returncode else shown.stdout.decode("utf-8", errors="replace")


def _replace(path: Path, text: str) -> None:
    with new_file(path, lambda _: True) as part:
        write_text(part, text)
