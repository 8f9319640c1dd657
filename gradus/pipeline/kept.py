"""Protect tracked results from a run on another corpus."""

from gradus.committed import replaced_results
from gradus.errors import InputError
from gradus.pipeline.dvc import PARAMS


def require_kept_results() -> None:
    """Refuse a run of the pipeline that would replace tracked results with those of another corpus.

    Raises:
        InputError: if params.yaml names another corpus or language than the last commit, and git tracks results.
    """
    if replaced := replaced_results(PARAMS):
        remedy = "run a recipe, which keeps them (gradus recipe new), or add --replace-results (git has the old ones)"
        raise InputError(PARAMS, expected="the corpora of the last commit", found=replaced, remedy=remedy)
