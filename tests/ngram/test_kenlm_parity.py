"""Modified Kneser-Ney beside KenLM: perplexities of real test texts that `lmplz` and `query` gave.

Words are divided at white space; the vocabulary is the training text's.
"""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from gradus.ngram.counts import count_ngrams
from gradus.ngram.kneser_ney import ModifiedKneserNeyConfig
from gradus.ngram.smoothing import fit
from gradus.text.special import EOS_ID, SPECIAL, UNK_ID

CORPORA = Path(os.environ.get("GRADUS_CORPORA", "nowhere"))
pytestmark = pytest.mark.corpora


def read_lines(path):
    if not path.exists():
        pytest.skip(f"{path.name} is not in GRADUS_CORPORA")
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [line.split() for line in data.decode().removesuffix("\n").split("\n")]


@pytest.mark.parametrize(
    ("train", "test", "perplexities"),
    [
        (
            "multi30k/train.en.gz",
            "multi30k/test_2016_flickr.en.gz",
            {2: 64.17696967974045, 3: 53.953245202455506, 4: 52.54276725128988, 5: 52.64773702851432},
        ),
        # <unk> was another word for KenLM, which has a type more: its own <unk>; the last digits differ
        ("ptb/ptb.train.txt", "ptb/ptb.test.txt", {2: 185.705, 3: 148.281, 4: 142.716, 5: 141.186}),
    ],
)
def test_perplexities_are_those_of_kenlm(train, test, perplexities):
    counted, scored = (read_lines(CORPORA / name) for name in (train, test))
    ids = {piece: i for i, piece in enumerate(SPECIAL)}
    for line in counted:
        for word in line:
            ids.setdefault(word, len(ids))
    encoded, text = (
        np.array([i for line in lines for i in (*(ids.get(word, UNK_ID) for word in line), EOS_ID)])
        for lines in (counted, scored)
    )
    counts = count_ngrams(encoded, order=5, vocabulary_size=len(ids))
    models = fit(ModifiedKneserNeyConfig(kind="modified_kneser_ney", prune=[0]), counts, text)
    for order, perplexity in perplexities.items():
        assert np.exp(-models.model(order).log_probs(text).mean()) == pytest.approx(perplexity, rel=1e-5)
