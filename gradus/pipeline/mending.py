"""Back up dvc.lock, and repair files that a killed DVC command has damaged."""

import subprocess
from pathlib import Path

from gradus.artifacts.places import new_file, write_text
from gradus.pipeline.lock import blocks_of, damaged, fault_of, is_truncated, read_lock, repaired
from gradus.pipeline.rwlock import DVC_TEMPORARY, hold_lock, mend_rwlocks

LOCK = Path("dvc.lock")
BACKUP = Path(".gradus/dvc.lock")
"""Copy of the last valid lock file."""


def require_valid_lock() -> None:
    """Raise an error if dvc.lock is damaged. The error says how to repair the file; DVC's error message does not.

    Raises:
        InputError: if dvc.lock is damaged.
        RunError: if dvc.lock looks damaged and another DVC command is running.
    """
    if _fault() is None:
        return
    # A running DVC command may be writing the file: check again after the command has ended.
    with hold_lock(DVC_TEMPORARY / "lock"):
        fault = _fault()
    if fault is not None:
        raise damaged(LOCK, fault)


def _fault() -> str | None:
    text = read_lock(LOCK)
    return None if text is None else fault_of(text)


def mend() -> list[str]:
    """Repair dvc.lock, and DVC's lists of files in use, in the current folder; return one message per repair.

    Raises:
        RunError: if another DVC command is running.
    """
    lines = mend_rwlocks()
    with hold_lock(DVC_TEMPORARY / "lock"):
        return lines + _mend_lock()


def keep_lock(*, trusted: bool = False) -> None:
    """Copy dvc.lock to `BACKUP` if it is valid.

    Args:
        trusted: whether dvc.lock is known to be complete, because no DVC command is running. Otherwise, DVC may still
            be writing the file. The file is then not copied if it lacks the last entries of the backup.
    """
    text, backup = read_lock(LOCK), read_lock(BACKUP)
    if not text or text == backup or fault_of(text) is not None:
        return
    if trusted or backup is None or not is_truncated(text, backup):
        _replace(BACKUP, text)


def _mend_lock() -> list[str]:
    text, committed = read_lock(LOCK), committed_lock()
    # A valid committed file may be shorter than the backup, for example after a checkout of an old commit.
    if text is None or text == committed and fault_of(text) is None:
        return []
    earlier = (read_lock(BACKUP), committed)
    references = [reference for reference in earlier if reference and fault_of(reference) is None]
    fault = fault_of(text)
    if fault is None and any(is_truncated(text, reference) for reference in references):
        fault = "a truncated file"
    if fault is None:
        return []
    aside = _set_aside()
    result = repaired(text, references)
    if result is None:
        LOCK.unlink()  # without it, DVC looks for every result in its run cache
        return [f"moved {LOCK} ({fault}) to {aside}; no entry could be restored"]
    _replace(LOCK, result)
    kept, entries = len(blocks_of(text).items() & blocks_of(result).items()), len(blocks_of(result))
    restored = f"kept {kept} entries, restored {entries - kept} from earlier copies"
    return [f"repaired {LOCK} ({fault}): {restored}; the damaged file is saved as {aside}"]


def _set_aside() -> Path:
    """Copy the damaged lock file to an unused name next to the backup."""
    number = 1
    while (aside := BACKUP.with_name(f"dvc.lock.damaged{number}")).exists():
        number += 1
    aside.parent.mkdir(exist_ok=True)
    aside.write_bytes(LOCK.read_bytes())
    return aside


def committed_lock() -> str | None:
    """Return the text of dvc.lock in the last commit; return None if the commit has no such file."""
    shown = subprocess.run(["git", "show", f"HEAD:./{LOCK}"], stdin=subprocess.DEVNULL, capture_output=True)
    return None if shown.returncode else shown.stdout.decode("utf-8", errors="replace")


def _replace(path: Path, text: str) -> None:
    with new_file(path, lambda _: True) as part:
        write_text(part, text)
