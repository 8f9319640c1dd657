"""Make the table of the mixtures of language models and their weights."""

from gradus.reporting.results import Results
from gradus.reporting.table import Table, number
from gradus.results.score import perplexity


def mixtures_table(results: Results) -> Table:
    """Return the table of mixtures, with one row per mixture and context."""
    rows = [
        [
            name,
            mixture.kind.replace("_", "-"),
            context,
            number(perplexity(mixture.test.get(context))),
            " + ".join(map(_weighted, weights, mixture.model.models)),
        ]
        for name, mixture in results.mixtures.items()
        for context, weights in mixture.model.weights.items()
    ]
    return Table(
        "mixtures",
        "Mixtures of language models. Linear: weighted mean of the probabilities of the models. Log-linear: weighted "
        "geometric mean, normalised so that the probabilities add up to one. The weights add up to one; they are "
        "fitted on the validation text, once per context. Line: all models read only the current line. Stream: "
        "networks read all earlier text, and n-gram models read only the current line. Perplexity of the test text.",
        ["mixture", "kind", "context", "perplexity", "weights"],
        rows,
    )


def _weighted(weight: float, model: str) -> str:
    return f"{number(weight)} {model}"
