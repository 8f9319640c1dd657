"""The DVC remote: where outputs are shared, and the run cache, which says which inputs gave them."""

from gradus.errors import InputError
from gradus.pipeline.dvc import GUARDED_DVC, dvc, dvc_aloud, dvc_json
from gradus.pipeline.lock import read_entries
from gradus.pipeline.mending import LOCK


def verified_remote(name: str = "") -> str:
    """Return the name of a remote, by default that of the default one; empty if there is no default one.

    Raises:
        InputError: if the remote is unknown, or DVC is not told to check what it sends.
    """
    settings = dict(line.partition("=")[::2] for line in dvc("config", "--list").splitlines())
    name = name or settings.get("core.remote", "")
    if not name:
        return ""
    if not settings.get(f"remote.{name}.url"):
        raise _unknown(name)
    if settings.get(f"remote.{name}.verify", "").lower() != "true":
        remedy = f"dvc config remote.{name}.verify true"
        raise InputError(f"remote {name}", expected="verify: true", found="another value, or none", remedy=remedy)
    return name


def required_remote(name: str = "") -> str:
    """Return the same where a remote must be there.

    Raises:
        InputError: as `verified_remote`, and if there is no default one.
    """
    if remote := verified_remote(name):
        return remote
    raise _unknown(name)


def _unknown(name: str) -> InputError:
    return InputError(
        "remote", expected="the name of a DVC remote", found=repr(name), remedy="dvc remote add --default NAME URL"
    )


def fetch_runs(name: str) -> None:
    """Fetch the run cache of a remote, each entry only if it is what its name says.

    Raises:
        RunError: with the reason, if the remote cannot be read.
    """
    dvc("runs", name, program=GUARDED_DVC)


def stages_lacking_outputs() -> set[str]:
    """Return the stages of dvc.lock that have an output which the default remote lacks."""
    # without --remote-refresh, which fails on an empty remote; it looks into the remote all the same
    status = dvc_json("data", "status", "--not-in-remote", program=GUARDED_DVC)
    missing = {path.rstrip("/") for path in status.get("not_in_remote", [])}
    entries = read_entries(LOCK)
    return {stage for stage, entry in entries.items() if missing & {out["path"] for out in entry.get("outs", [])}}


def push(name: str) -> None:
    """Send the outputs that dvc.lock names, and the run cache, to a remote.

    Raises:
        RunError: if DVC fails.
    """
    dvc_aloud("push", "--run-cache", "--remote", name, program=GUARDED_DVC)
