"""gradus corpus list: list all corpora that params.yaml can name."""

from pathlib import Path

from gradus.cli.console import table_console
from gradus.cli.options import OwnText, Registry


def main(registry: Registry = Path("corpora.yaml"), own: OwnText = Path("data/own")) -> None:
    """List all corpora: name, kind, languages, what they can train, files on this machine, and terms of use."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from gradus.corpora.known import known_corpora

    table = Table(box=box.SIMPLE)
    for column in ("name", "kind", "languages", "for", "here", "terms"):
        table.add_column(column, overflow="fold" if column == "terms" else "ellipsis", no_wrap=column != "terms")
    for corpus in known_corpora(registry, own):
        here = [path.stat().st_size for path, exists in corpus.files.items() if exists]
        files = f"{len(here)} of {len(corpus.files)} files, {sum(here) / 2**20:.1f} MiB" if corpus.files else "sampled"
        languages = ", ".join(corpus.languages) or "not stated"
        cells = (corpus.name, corpus.kind, languages, ", ".join(corpus.tracks), files, corpus.terms)
        table.add_row(*map(Text, cells))  # plain text: brackets in the terms of a stranger are no markup
    table_console(160).print(table)
