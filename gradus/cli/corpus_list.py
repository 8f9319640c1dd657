"""gradus corpus list: list all corpora that params.yaml can name."""

from pathlib import Path

from gradus.cli.console import table_console
from gradus.cli.options import OwnText, Registry


def main(registry: Registry = Path("corpora.yaml"), own: OwnText = Path("data/own")) -> None:
    """List all corpora: name, kind, languages, what they can train, files on this machine, and terms of use."""
    from gradus.cli.markdown_table import read_table
    from gradus.cli.table_layout import print_table
    from gradus.corpora.known import known_corpora
    from gradus.reporting.table import Table

    rows = []
    for corpus in known_corpora(registry, own):
        here = [path.stat().st_size for path, exists in corpus.files.items() if exists]
        files = f"{len(here)} of {len(corpus.files)} files, {sum(here) / 2**20:.1f} MiB" if corpus.files else "sampled"
        languages = ", ".join(corpus.languages) or "not stated"
        rows.append([corpus.name, corpus.kind, languages, ", ".join(corpus.tracks), files, corpus.terms])
    table = Table("corpora", "", ["name", "kind", "languages", "for", "here", "terms"], rows)
    print_table(table_console(160), read_table(table.markdown()))
