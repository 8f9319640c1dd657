"""Print a list of models: as aligned columns in a terminal, and with tabs in a pipe or a file."""

from collections.abc import Iterable, Sequence

import typer

from gradus.cli.columns import aligned
from gradus.families.catalogue import DamagedEntry, ModelEntry
from gradus.faults import one_line
from gradus.terminal import paint

NONE = "–"
TRACKS = (
    ("lm", "Language models", "perplexity"),
    ("mt", "Translation models", "BLEU"),
)
"""Key, heading and name of the score of each track."""


def show_models(entries: Sequence[ModelEntry | DamagedEntry]) -> None:
    """Print the models of each track under a heading, one row per model; then print the damaged folders."""
    models = [entry for entry in entries if isinstance(entry, ModelEntry)]
    blocks = []
    for track, heading, measure in TRACKS:
        rows = [_columns(entry) for entry in models if entry.track == track]
        if rows:
            first, *lines = aligned([("folder", "kind", "corpus", measure, "size"), *rows], right=2)
            blocks.append([paint(heading, "heading"), paint(first, "faint"), *lines])
    damaged = [entry for entry in entries if isinstance(entry, DamagedEntry)]
    if damaged:
        lines = [f"{entry.folder}: {one_line(entry.problem)}" for entry in damaged]
        blocks.append([paint("Damaged folders", "error"), *lines])
    typer.echo("\n\n".join("\n".join(block) for block in blocks))


def write_rows(entries: Iterable[ModelEntry | DamagedEntry]) -> None:
    """Print a table whose columns are separated by tabs."""
    measures = {track: measure for track, _, measure in TRACKS}
    typer.echo("folder\tkind\torder\tcorpus\tmeasure\tscore\tbytes\tproblem")
    for entry in entries:
        if isinstance(entry, DamagedEntry):
            cells = [entry.folder, "damaged", *[""] * 5, one_line(entry.problem)]
        else:
            cells = [entry.folder, entry.kind, entry.order, entry.corpus, measures[entry.track], entry.score]
            cells += [entry.bytes, ""]
        typer.echo("\t".join("" if cell is None else one_line(str(cell)) for cell in cells))


def _columns(entry: ModelEntry) -> tuple[str, ...]:
    kind = entry.kind if entry.order is None else f"{entry.order}-gram"
    if entry.order is not None and entry.folder.name != entry.kind:
        kind += f" {entry.kind}"  # the folder's name does not say the smoother
    score = NONE if entry.score is None else f"{entry.score:.2f}"
    return (*map(one_line, (str(entry.folder), kind, entry.corpus or NONE)), score, _size(entry.bytes))


def _size(size: int) -> str:
    """Return a number of bytes as text with a unit, such as `6.7 MiB`."""
    return f"{size / 2**10:.0f} KiB" if size < 2**20 else f"{size / 2**20:,.1f} MiB"
