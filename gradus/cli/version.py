"""gradus --version: show the versions of gradus, of Python and of the packages that compute results."""

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

import gradus

SHOWN = ("numpy", "torch", "dvc")
"""Distributions whose versions change results or commands. They are not imported."""


def show_version(asked: bool) -> None:
    """Print the versions and end the command, if the option --version was given."""
    if asked:
        typer.echo("\n".join(f"{name} {number}" for name, number in versions().items()))
        raise typer.Exit


def versions() -> dict[str, str]:
    """Return a dict from names to versions: gradus, Python, and the installed ones of `SHOWN`."""
    found = {name: number for name in SHOWN if (number := _version(name))}
    return {"gradus": gradus.__version__, "Python": platform.python_version(), **found}


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


Version = Annotated[
    bool,
    typer.Option("--version", callback=show_version, is_eager=True, help="Show the versions of gradus and Python."),
]
