"""Compute a translation model's attention weights for a few sentences. The report shows these weights as pictures."""

import dataclasses

import numpy as np
import torch

from gradus.decoding.records import Record
from gradus.families.translation_models import OpenTranslator
from gradus.interfaces.translator import attention_weights
from gradus.text.pairs import Lines
from gradus.text.special import BOS_ID


@dataclasses.dataclass(frozen=True)
class AttentionPicture:
    """Attention weights of a model for one source sentence and the model's translation of this sentence."""

    src: list[str]
    """The S pieces of the source sentence."""
    tgt: list[str]
    """The T pieces of the translation."""
    weights: list[list[float]]
    """Attention weights, shape (T, S), rounded to four decimals. Each row is a distribution over the source pieces."""


def attention_pictures(
    translator: OpenTranslator, src: Lines, records: list[Record], count: int
) -> list[AttentionPicture]:
    """Compute the attention weights for the first `count` source sentences of median length.

    Args:
        translator: a translation model. Its network must be on the device that computes the weights.
        src: token ids of the source sentences.
        records: the model's translations, one per source sentence.
        count: maximum number of sentences.
    Returns:
        One picture per sentence; an empty list if the model has no attention.
    """
    if not translator.attends:
        return []
    # Sentences of median length are typical of the corpus.
    median = np.sort(src.lengths)[len(src) // 2]
    rows = [int(row) for row in np.flatnonzero(src.lengths == median)[:count]]
    return [_picture(translator, src, row, records[row].ids) for row in rows]


def _picture(translator: OpenTranslator, src: Lines, row: int, tgt: list[int]) -> AttentionPicture:
    device = next(translator.model.parameters()).device
    ids = torch.from_numpy(src.padded(np.array([row])))  # (1, S)
    tgt_in = torch.tensor([[BOS_ID, *tgt[:-1]]])  # (1, T), so that row t belongs to the piece that step t predicts
    lengths = torch.from_numpy(src.lengths[[row]])
    weights = attention_weights(translator.model, ids.to(device), lengths, tgt_in.to(device))[0].tolist()
    return AttentionPicture(
        src=[translator.src.pieces[token] for token in ids[0].tolist()],
        tgt=[translator.tgt.pieces[token] for token in tgt],
        weights=[[round(weight, 4) for weight in weights_of] for weights_of in weights],
    )
