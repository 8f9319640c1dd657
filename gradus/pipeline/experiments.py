"""Find the DVC experiment of a recipe's run, and take the trained models and the metrics out of it."""

import json
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gradus.artifacts.places import write_text
from gradus.errors import InputError, RunError
from gradus.model_folders import MODEL_FOLDERS
from gradus.pipeline.dvc import PARAMS, dvc, git
from gradus.pipeline.lock import read_entries
from gradus.pipeline.mending import LOCK
from gradus.pipeline.runs import Metrics, Run, averaged_runs, read_runs


@dataclass(frozen=True)
class RecipeRun:
    """Run of a recipe with one seed, and the git reference of its DVC experiment."""

    recipe: str
    run: Run
    reference: str

    def models(self, track: str) -> list[str]:
        """Return the models of a track (`lm` or `mt`); no model if the recipe does not have the track."""
        return list(self.run.metrics.get(track, {}))


def find_run(path: Path, seed: int) -> RecipeRun:
    """Return the averaged run with a seed, and the DVC experiment that has the metrics of this run.

    Args:
        path: result file, metrics/recipes/NAME.json.
        seed: seed of the run.
    Raises:
        InputError: if the result file has no averaged run with this seed.
        RunError: if this clone has no DVC experiment with the metrics of the run.
    """
    name, runs = path.stem, {run.seed: run for run in averaged_runs(read_runs(path))}
    if seed not in runs:
        expected = f"a seed that {path} averages ({', '.join(map(str, runs)) or 'none yet'})"
        remedy = f"run gradus recipe run {name} --seeds {seed}"
        raise InputError("--seed", expected=expected, found=str(seed), remedy=remedy)
    # The same name can exist once per commit, and a later run of other parameters may have replaced an experiment.
    for reference in git("for-each-ref", "--format=%(refname)", f"refs/exps/*/*/{name}-seed{seed}").split():
        with suppress(RunError):  # an older experiment may lack a model of this run
            if metrics_of(reference, runs[seed].metrics) == runs[seed].metrics:
                return RecipeRun(name, runs[seed], reference)
    raise _gone(name, seed, "this clone has no DVC experiment with the metrics of this run")


def metrics_of(commit: str, models: Mapping[str, Iterable[str]]) -> Metrics:
    """Return the metrics of models in a commit of this clone.

    Args:
        commit: a git reference.
        models: dict from each track (`lm` or `mt`) to names of models.
    Raises:
        RunError: if the commit lacks a metrics file.
    """
    return {
        track: {name: json.loads(git("show", f"{commit}:./metrics/{track}/{name}.json")) for name in names}
        for track, names in models.items()
    }


def unpack(found: RecipeRun, out: Path) -> None:
    """Copy the models, the metrics and the parameters of a run into a folder.

    The files come from git and DVC's cache. Their paths in the folder are those of the repository, such as
    models/lm/lstm.

    Args:
        found: the run.
        out: an existing empty folder.
    Raises:
        RunError: if DVC's cache lacks a file.
    """
    tree = out / "tree"
    _read_commit(found.reference, tree)
    tracks = found.run.metrics
    wanted = {f"{folder}/{name}" for track in tracks for folder in MODEL_FOLDERS[track] for name in found.models(track)}
    kept = [str(each["path"]) for entry in read_entries(tree / LOCK).values() for each in entry.get("outs", [])]
    kept = sorted(wanted.intersection(kept))
    try:
        dvc("checkout", *kept, folder=tree)
    except RunError:
        raise _gone(found.recipe, found.run.seed, "DVC's cache lacks some of its files") from None
    names = [f"{track}/{name}.json" for track in tracks for name in found.models(track)]
    metrics = [f"metrics/{folder}{name}" for folder in ("", "details/") for name in names]
    for place in (str(PARAMS), *kept, *metrics):
        if (tree / place).exists():
            (out / place).parent.mkdir(parents=True, exist_ok=True)
            (tree / place).rename(out / place)
    shutil.rmtree(tree)


def _read_commit(reference: str, tree: Path) -> None:
    """Write the files of a commit to a new folder, which uses DVC's cache of the current folder, but has no git."""
    archive = tree.with_suffix(".zip")
    git("archive", "--format=zip", f"--output={archive.absolute()}", reference)
    with zipfile.ZipFile(archive) as files:  # not tar, whose safe extraction the first releases of Python 3.11 lack
        files.extractall(tree)
    archive.unlink()
    write_text(tree / ".dvc/config.local", "[core]\n    no_scm = true\n")
    dvc("config", "--local", "cache.dir", dvc("cache", "dir").strip(), folder=tree)


def _gone(recipe: str, seed: int, reason: str) -> RunError:
    """Return the error about a run whose experiment or files were removed, or are on another machine."""
    again = f"gradus recipe run {recipe} --seeds {seed} --replace runs it again and discards earlier results"
    return RunError(f"the models of {recipe} with seed {seed} are not here: {reason}; {again}")
