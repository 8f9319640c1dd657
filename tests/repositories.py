"""Small repositories that git and DVC know, without the cost of `dvc init`."""

import subprocess
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
    "DVC_NO_ANALYTICS": "1",
}  # fmt: skip
"""Environment variables of git and DVC in a test."""


def new_repository(root: Path) -> None:
    """Make an empty repository whose branch is `main`."""
    (root / ".dvc").mkdir(parents=True)
    (root / ".dvc/config").write_text("[core]\n    check_update = false\n")
    (root / ".dvc/.gitignore").write_text("/config.local\n/tmp\n/cache\n")
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", root], check=True)


def commit_all(message: str) -> None:
    """Commit every file of the repository at the current folder."""
    subprocess.run(["git", "add", "--all"], check=True)
    subprocess.run(["git", "commit", "--quiet", "--message", message], check=True)
