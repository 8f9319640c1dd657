"""Make the table of the networks that adapt to the test text, beside the networks without adaptation."""

from gradus.reporting.language_models import ADAPTATIONS, perplexities
from gradus.reporting.results import Results
from gradus.reporting.table import Table, number


def adapted_table(results: Results) -> Table:
    """Return the table of networks that adapt to the test text; without rows if there are none."""
    rows = []
    for name, adapted in results.adapted.items():
        static = results.networks.get(adapted.model.network)
        before = perplexities(static)["stream"] if static else None
        settings = ", ".join(f"{key} {value:g}" for key, value in adapted.model.settings.items())
        kind, own = ADAPTATIONS.get(adapted.kind, adapted.kind), perplexities(adapted)["stream"]
        rows.append([name, adapted.model.network, kind, number(before), number(own), settings])
    return Table(
        "adapted",
        "Networks that learn from the test text while they read it as one stream. Each token is scored before "
        "anything is learned from it, and the network's file stays as it is. Before: perplexity of the network alone. "
        "Weight: lambda of the cache. Learning rate and decay: eta and lambda of dynamic evaluation.",
        ["name", "network", "adaptation", "before", "perplexity", "settings"],
        rows,
    )
