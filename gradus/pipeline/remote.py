"""Read and write a DVC remote: its outputs, and its run cache, which maps inputs of stages to outputs."""

from gradus.errors import InputError
from gradus.pipeline.dvc import dvc, dvc_aloud, dvc_json
from gradus.pipeline.lock import read_entries
from gradus.pipeline.mending import LOCK


def verified_remote(name: str = "") -> str:
    """Return the name of a remote; raise an error if DVC would not check the files that the remote sends.

    Args:
        name: name of the remote; empty for the default remote.
    Returns:
        The name; empty if `name` is empty and there is no default remote.
    Raises:
        InputError: if the remote does not exist, or its setting `verify` is not true.
    """
    settings = dict(line.partition("=")[::2] for line in dvc("config", "--list").splitlines())
    name = name or settings.get("core.remote", "")
    if not name:
        return ""
    if not settings.get(f"remote.{name}.url"):
        raise _unknown(name)
    # Without `verify`, DVC takes the file name as the hash of the content.
    if settings.get(f"remote.{name}.verify", "").lower() != "true":
        remedy = f"run dvc config remote.{name}.verify true"
        expected, found = "the setting verify with the value true", "another value, or no value"
        raise InputError(f"remote {name}", expected=expected, found=found, remedy=remedy)
    return name


def required_remote(name: str = "") -> str:
    """Call `verified_remote` and return the name of the remote; raise an error if the name is empty.

    Raises:
        InputError: see `verified_remote`; also if `name` is empty and there is no default remote.
    """
    if remote := verified_remote(name):
        return remote
    raise _unknown(name)


def _unknown(name: str) -> InputError:
    remedy = "run dvc remote add --default NAME URL"
    return InputError("remote", expected="the name of a DVC remote", found=repr(name), remedy=remedy)


def fetch_runs(name: str) -> None:
    """Fetch the run cache of a remote; skip every entry whose hashes do not match its name.

    Raises:
        RunError: if the remote cannot be read; the message gives the reason.
    """
    dvc("runs", name)


def stages_lacking_outputs() -> set[str]:
    """Return the stages of dvc.lock that have at least one output missing in the default remote."""
    # Without --remote-refresh, which fails on an empty remote. DVC reads the remote in any case.
    status = dvc_json("data", "status", "--not-in-remote")
    missing = {path.rstrip("/") for path in status.get("not_in_remote", [])}
    entries = read_entries(LOCK)
    return {stage for stage, entry in entries.items() if missing & {out["path"] for out in entry.get("outs", [])}}


def push(name: str) -> None:
    """Upload the outputs of dvc.lock, and the run cache, to a remote.

    Raises:
        RunError: if DVC fails.
    """
    dvc_aloud("push", "--run-cache", "--remote", name)
