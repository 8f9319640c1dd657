"""The requirement files against pyproject.toml: what `make` installs is complete, fits the ranges and has hashes."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from gradus.faults import EXTRAS
from gradus.pipeline.imports import PROJECT, imports, modules

HASHED = tuple(f"requirements{name}.txt" for name in ("", "-s3", "-dev", "-compiled", "-browser"))
FILES = (*HASHED, "requirements-torch.txt")
PYPROJECT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
PIN = re.compile(r"^([a-z0-9-]+(?:\[[a-z,]+\])?)==(\S+)(?: ; .*?)?(?: \\)?$", re.MULTILINE)


def pins(file: str) -> dict[str, str]:
    """Return the version of every package in a requirement file."""
    return {re.sub(r"\[.*", "", name): version for name, version in PIN.findall(Path(file).read_text())}


def declared(lines: list[str]) -> list[Requirement]:
    return [need for need in map(Requirement, lines) if need.name != PYPROJECT["project"]["name"]]


OPTIONAL: dict[str, list[str]] = PYPROJECT["project"]["optional-dependencies"]
GROUPS: dict[str, list[str]] = PYPROJECT["dependency-groups"]
PIPELINE = [*PYPROJECT["project"]["dependencies"], *OPTIONAL["torch"], *OPTIONAL["dvc"], *GROUPS["build"]]
DIRECT = {
    ("requirements.txt", "requirements-torch.txt"): PIPELINE,
    ("requirements.txt", "requirements-s3.txt"): OPTIONAL["s3"],
    HASHED[:3]: GROUPS["dev"],
    HASHED[:4]: GROUPS["compiled"],
    HASHED: GROUPS["browser"],
}
"""Dict from files that are installed together to the direct dependencies that they must hold."""

BROUGHT = ("cycler", "dvc_data", "markupsafe", "pydantic_core")
"""Modules that come with the package of a direct dependency: matplotlib, DVC, Jinja2, pydantic."""


@pytest.mark.parametrize("files", DIRECT, ids=" ".join)
def test_every_direct_dependency_is_locked_within_its_range(files: tuple[str, ...]) -> None:
    locked = {name: version for file in files for name, version in pins(file).items()}
    for need in declared(DIRECT[files]):
        version = locked.get(canonicalize_name(need.name))
        assert version and need.specifier.contains(version), f"{need}: found {version}; run make lock"


def test_every_need_of_a_locked_package_is_locked() -> None:
    """The needs are those of the packages that are installed here."""
    locked = {name: version for file in FILES for name, version in pins(file).items()}
    ahead, seen = declared([line for lines in DIRECT.values() for line in lines]), set()
    while ahead:
        need = ahead.pop()
        name = canonicalize_name(need.name)
        assert name in locked and need.specifier.contains(locked[name], prereleases=True), f"{need}; run make lock"
        if (name, *sorted(need.extras)) not in seen:
            seen.add((name, *sorted(need.extras)))
            ahead += needs(name, need.extras)
    assert len(seen) > 100


def needs(name: str, extras: set[str]) -> list[Requirement]:
    """Return what an installed package needs on this system, with some of its extras."""
    try:
        found = map(Requirement, requires(name) or [])
    except PackageNotFoundError:
        return []
    chosen = [{"extra": extra} for extra in ("", *extras)]
    return [need for need in found if not need.marker or any(need.marker.evaluate(extra) for extra in chosen)]


@pytest.mark.parametrize("file", HASHED)
def test_every_package_has_hashes(file: str) -> None:
    blocks = re.split(r"\n(?=\S)", Path(file).read_text().strip())[1:]
    assert len(blocks) == len(pins(file)) > 0
    for block in blocks:
        assert re.match(PIN, block.split("\n")[0])
        assert re.search(r"^    --hash=sha256:[0-9a-f]{64}", block, re.MULTILINE), block


@pytest.mark.parametrize("file", FILES)
def test_a_file_says_what_it_is_and_names_no_index(file: str) -> None:
    text = Path(file).read_text()
    assert text.startswith("# ") and "`make lock`" in text.split("\n")[0]
    assert "://" not in text and "--index" not in text and "--find-links" not in text and "/tmp" not in text


def test_no_package_is_locked_twice_but_where_torch_needs_it_too() -> None:
    every = [name for file in HASHED for name in pins(file)]
    assert len(every) == len(set(every))
    for name, version in pins("requirements-torch.txt").items():
        assert version == {**pins("requirements-dev.txt"), name: version}[name]
        assert name not in pins("requirements.txt") and name not in pins("requirements-s3.txt")


def test_every_imported_package_is_declared_where_the_error_says() -> None:
    """`EXTRAS` is what a command without an extra goes by; a package that an extra brings along belongs to it too."""
    homes = packages_distributions()
    base = {canonicalize_name(need.name) for need in declared(PYPROJECT["project"]["dependencies"])}
    of_extra = {module: extra for extra, names in EXTRAS.items() for module in names}
    outside = {other.split(".")[0] for module in modules() for other in imports(module)} - {*PROJECT}
    for module in outside & homes.keys():
        if module not in of_extra:
            assert {canonicalize_name(name) for name in homes[module]} & base or module in BROUGHT, module
    for module, extra in of_extra.items():
        names = {canonicalize_name(name) for name in homes.get(module, [])}
        direct = {canonicalize_name(need.name) for need in declared(OPTIONAL[extra])}
        assert not names or names & direct or module in BROUGHT, f"{module} is not in the extra {extra}"


def test_the_extra_all_is_every_extra() -> None:
    (whole,) = map(Requirement, OPTIONAL["all"])
    assert whole.name == PYPROJECT["project"]["name"] and {"torch", "dvc", "s3"} <= whole.extras <= OPTIONAL.keys()
