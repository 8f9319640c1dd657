"""Attention of a translation model in a few sentences, for the report."""

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
    """How a model reads a source sentence while it writes its own translation."""

    src: list[str]
    """Pieces of the source, S."""
    tgt: list[str]
    """Pieces of the translation, T."""
    weights: list[list[float]]
    """Share of every source piece in the context of every target piece, (T, S), four decimals."""


def attention_pictures(
    translator: OpenTranslator, src: Lines, records: list[Record], count: int
) -> list[AttentionPicture]:
    """Return pictures of the first `count` sentences of median source length; none for a model without attention.

    Args:
        translator: its model on the device to use.
        src: token ids of the source sentences.
        records: the model's translation of each sentence.
    """
    if not translator.attends:
        return []
    median = np.sort(src.lengths)[len(src) // 2]
    rows = [int(row) for row in np.flatnonzero(src.lengths == median)[:count]]
    return [_picture(translator, src, row, records[row].ids) for row in rows]


def _picture(translator: OpenTranslator, src: Lines, row: int, tgt: list[int]) -> AttentionPicture:
    device = next(translator.model.parameters()).device
    ids = torch.from_numpy(src.padded(np.array([row])))  # (1, S)
    tgt_in = torch.tensor([[BOS_ID, *tgt[:-1]]])  # (1, T)
    lengths = torch.from_numpy(src.lengths[[row]])
    weights = attention_weights(translator.model, ids.to(device), lengths, tgt_in.to(device))[0].tolist()
    return AttentionPicture(
        src=[translator.src.pieces[token] for token in ids[0].tolist()],
        tgt=[translator.tgt.pieces[token] for token in tgt],
        weights=[[round(weight, 4) for weight in weights_of] for weights_of in weights],
    )
