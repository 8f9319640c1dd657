"""Reader of the folders of mixtures, which contain a folder of n-gram models and one of a network."""

from pathlib import Path

import torch

from gradus.artifacts.seals import write_seal
from gradus.errors import InputError
from gradus.evaluation.cross_entropy import make_score, tally
from gradus.evaluation.mixtures.scores import mixture_nats
from gradus.evaluation.mixtures.setup import Setup
from gradus.families.language_models import open_folder
from gradus.families.mixtures import MixtureFolder
from gradus.mixtures.storage import MIXTURE, MixtureDescription, write_mixture
from gradus.ngram.counting.counts import count_ngrams
from gradus.ngram.scoring.storage import MODELS
from gradus.ngram.smoothing.fit import fit, write_fit
from gradus.ngram.smoothing.modified_kneser_ney import ModifiedKneserNey
from tests.fuzz.network_targets import SCORING, write_language_model
from tests.fuzz.ngram_targets import asked, walked
from tests.fuzz.runner import Target
from tests.fuzz.samples import IDS, LINES, TOKENIZER, made_model, reseal

KINDS = ("linear", "log_linear")
SETUP = Setup(SCORING, torch.device("cpu"))


def _make_mixtures(folder: Path) -> None:
    counts = count_ngrams(TOKENIZER.encode_lines(LINES), order=2, vocabulary_size=TOKENIZER.size)
    ngrams, network = folder / "ngrams", folder / "network"
    smoother = ModifiedKneserNey(kind="modified_kneser_ney", prune=[0])
    write_fit(made_model(ngrams), fit(smoother, counts, IDS), TOKENIZER.sha256)
    write_seal(ngrams, MODELS)
    write_language_model(network, "lstm")
    for kind in KINDS:
        description = MixtureDescription(
            kind=kind,  # type: ignore[arg-type]  # mypy reads a str
            models=["ngrams", "network"],
            weights={"line": [0.75, 0.25], "stream": [0.5, 0.5]},
            valid_nats_per_token={"line": 1.5, "stream": 1.25},
            vocabulary_size=TOKENIZER.size,
            tokenizer_sha256=TOKENIZER.sha256,
        )
        write_mixture(made_model(folder / kind), description, {"ngrams": ngrams, "network": network})
        write_seal(folder / kind, MIXTURE)


def _read_mixtures(folder: Path) -> object:
    return [_read_mixture(folder / kind) for kind in KINDS]


def _read_mixture(folder: Path) -> object:
    opened = open_folder(folder)
    if not isinstance(opened, MixtureFolder):
        raise InputError(folder, expected="a mixture", found="another model", remedy="none")
    costs = [make_score(tally(mixture_nats(opened, IDS, context, SETUP))) for context in opened.description.weights]
    return opened.kind, costs, walked(opened.step(torch.device("cpu"))[0]), asked(folder)


TARGETS = {
    "mixtures": Target(_make_mixtures, _read_mixtures, reseal(*((kind, MIXTURE) for kind in KINDS)), cases=40),
}
