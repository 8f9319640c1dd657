"""The recipes' table: what came out on real corpora, mean and deviation over the seeds."""

from gradus.reporting.results import Results
from gradus.reporting.table import Table


def recipes_table(results: Results) -> Table:
    """Return one row per recipe and model."""
    rows: list[list[str]] = []
    return Table("recipes", "", ["recipe", "model", "measure", "test", "seeds"], rows)
