"""Commands and stages that write files, on a text of 12 lines; the tests interrupt them."""

from collections.abc import Callable
from pathlib import Path

from gradus.artifacts.json_files import write_json
from gradus.artifacts.places import new_folder
from gradus.cli.main import app as gradus
from gradus.corpora.files import CORPUS

LINES = [f"the {animal} {verb} ." for animal in ("cat", "dog", "mouse", "bird") for verb in ("sleeps", "sees", "runs")]
PARAMS = """\
seed: 1
threads: 1
processes: 1
numerics: portable
device: cpu
tokenize: {lm: {kind: word, min_count: 1}}
count_ngrams: {order: 3}
smooth_ngrams: {katz: {kind: katz, threshold: 5}}
train_lm:
  small:
    network: {kind: lstm, embedding: 8, hidden: 12, layers: 1, dropout: 0.2, tied: false,
      initial: uniform, skip: none}
    training: {batch: 4, chunk: 8, carry_state: true, chunk_jitter: 0,
      penalties: {activation: 0.0, temporal: 0.0}, read: stream,
      optimizer: adamw, learning_rate: 0.01, weight_decay: 0.01,
      schedule: cosine, warmup_steps: 5, clip_by: norm, precision: float32,
      average: none, clip: 1.0, epochs: 3, patience: 3}
decode: {lm: {tokens: 8, texts: 2, prompt_tokens: 0, strategies: {greedy: {kind: greedy}}}}
"""


def command(*arguments: str) -> Callable[[], None]:
    """Return a function that calls `gradus` with these arguments; it ends with SystemExit."""
    return lambda: gradus(list(arguments))


def stage(name: str, *arguments: str) -> Callable[[], None]:
    """Return a function that calls a stage."""

    def call() -> None:
        import importlib

        importlib.import_module(f"stages.{name}").app(list(arguments))

    return call


SETUP = [
    stage("tokenize", "--name", "lm"),
    stage("count_ngrams"),
    stage("smooth_ngrams", "--name", "katz"),
    stage("train_lm", "--name", "small"),
    command("ngram", "build", "text.txt", "model", "--order", "2"),
    command("ngram", "export", "model", "model.arpa"),
]
"""Actions that prepare the folder, in order."""

ACTIONS = {
    "tokenize": (stage("tokenize", "--name", "lm"), "data/tokens/lm"),
    "count_ngrams": (stage("count_ngrams"), "models/counts"),
    "smooth_ngrams": (stage("smooth_ngrams", "--name", "katz"), "models/lm/katz"),
    "train_lm": (stage("train_lm", "--name", "small"), "models/lm/small"),
    "generate": (stage("generate", "--name", "small"), "data/generated/small"),
    "build": (command("ngram", "build", "other.txt", "model", "--force"), "model"),
    "build_scratch": (command("ngram", "build", "other.txt", "model", "--force", "--scratch", "files"), "model"),
    "import": (command("ngram", "import", "model.arpa", "imported", "--force"), "imported"),
    "export": (command("ngram", "export", "model", "model.arpa", "--force", "--order", "2"), "model.arpa"),
}
"""Name -> action, and the path that it writes."""


def plant(folder: Path) -> None:
    """Write the texts and parameters that the actions read."""
    (folder / "params.yaml").write_text(PARAMS)
    for name, lines in (("text.txt", LINES), ("other.txt", LINES[3:])):
        (folder / name).write_text("".join(f"{line}\n" for line in lines))
    with new_folder(folder / "data/raw/lm", CORPUS) as raw:
        for split in ("train", "valid", "test"):
            (raw / f"{split}.txt").write_text("".join(f"{line}\n" for line in LINES))
        write_json(raw / "source.json", {"corpus": "lines", "language": "en", "test_lines_seen_in_training": 0})
