"""SentencePiece (unigram, bpe, char) such that no character is changed or lost.

Tried out with SentencePiece 0.2.3, which by itself does not keep a text as it is:

- Normalisation is off and all white space kept. Tabs, carriage returns, control characters and Unicode's
  line separators are pieces like any other character.
- Sentences longer than 4,192 bytes would be left out of training, and text spelled like a special piece
  (`</s>`) would teach it no characters: the length is raised, and every character of the text required.
  So special pieces written in a text are spelled by their characters; they never become special ids.
- U+2581 stands for a space inside it, and U+2585 for the unknown: neither can be a piece. Both are UNK.
- A run of unknown characters is one UNK.
"""

import io
import re
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import sentencepiece
from numpy.typing import NDArray

from gradus.errors import InputError
from gradus.progress import Track, silent
from gradus.text.special import BOS, BOS_ID, EOS, EOS_ID, PAD, PAD_ID, SPECIAL, UNK, UNK_ID
from gradus.text.tokenizer_folder import REMEDY, sha256, write_folder

SentencePieceKind = Literal["unigram", "bpe", "char"]

_RESERVED = re.compile("[\u2581\u2585]")
_UNKNOWN = "\u2585"
_OPTIONS: Final[dict[str, Any]] = {
    "normalization_rule_name": "identity",
    "remove_extra_whitespaces": False,
    "character_coverage": 1.0,
    "pad_id": PAD_ID,
    "unk_id": UNK_ID,
    "bos_id": BOS_ID,
    "eos_id": EOS_ID,
    "pad_piece": PAD,
    "unk_piece": UNK,
    "bos_piece": BOS,
    "eos_piece": EOS,
    "unk_surface": UNK,  # what UNK is decoded to
    "num_threads": 1,
    "minloglevel": 2,  # errors only
}
_BATCH = 1024  # lines between two movements of the progress bar


def train_sentencepiece(
    lines: Sequence[str], kind: SentencePieceKind, size: int | None, where: str = "tokenizer"
) -> "SentencePieceTokenizer":
    """Train a model on lines of text; equal lines give equal bytes.

    `unigram` and `bpe` begin each line with a space, so that its first word is spelled as it is elsewhere;
    `decode` takes it away. `char` does not: its tokens are exactly the characters of the line.

    Args:
        lines: training text.
        kind: `char` takes every character and no `size`.
        size: number of pieces, the special ones included.
        where: what asked for that size, for errors.
    Raises:
        InputError: if the text supports only a smaller vocabulary, or its characters need a larger one.
    Source: Kudo (2018), Subword Regularization (unigram); Sennrich et al. (2016) (bpe); Kudo and
        Richardson (2018), SentencePiece.
    """
    sentences = list(chain.from_iterable(map(_RESERVED.split, lines)))
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences),  # an iterator and a writer: no path is written into the model
            model_writer=model,
            model_type=kind,
            add_dummy_prefix=kind != "char",
            required_chars="".join(sorted(set().union(*sentences) - {" "})),
            max_sentence_length=max(len(sentence.encode()) for sentence in sentences) + 1,
            **({"use_all_vocab": True} if size is None else {"vocab_size": size}),
            **_OPTIONS,
        )
    except RuntimeError as error:
        raise _size_problem(error, size, where) from error
    return SentencePieceTokenizer(kind, model.getvalue(), "training text")


def _size_problem(error: RuntimeError, size: int | None, where: str) -> Exception:
    """Turn SentencePiece's complaint about the size into one that says what would do."""
    if largest := re.search(r"too high \(\d+\).* value <= (\d+)", str(error)):
        bound = f"at most {largest[1]}, the largest vocabulary that the text supports"
        return InputError(f"{where}: size", expected=bound, found=str(size), remedy="lower it or give more text")
    if smallest := re.search(r"required_chars\. \d+ vs (\d+)", str(error)):
        bound = f"at least {smallest[1]}: every character of the text and the special pieces"
        return InputError(f"{where}: size", expected=bound, found=str(size), remedy="raise it")
    return error


class SentencePieceTokenizer:
    """A SentencePiece model; `decode(encode(line)) == line` unless a character is unknown.

    Args:
        kind: how the model was trained.
        content: the serialised model.
        where: its file, for errors.
    Raises:
        InputError: if it is another model than one that `train_sentencepiece` makes.
    """

    def __init__(self, kind: SentencePieceKind, content: bytes, where: str) -> None:
        self.kind: SentencePieceKind = kind
        self._content = content
        expected = "a SentencePiece model that gradus trained"
        try:
            if not content:
                raise ValueError("an empty file")
            self._model = sentencepiece.SentencePieceProcessor(model_proto=content)
            self.pieces = [self._model.id_to_piece(i) for i in range(self._model.get_piece_size())]
            surface = self._model.decode([UNK_ID])
        except (RuntimeError, ValueError, IndexError) as error:  # ValueError: pieces that are no UTF-8
            raise InputError(where, expected=expected, found=str(error), remedy=REMEDY) from None
        controls = [self._model.is_control(i) for i in (PAD_ID, BOS_ID, EOS_ID)]
        ids = (self._model.pad_id(), self._model.unk_id(), self._model.bos_id(), self._model.eos_id())
        if tuple(self.pieces[:4]) != SPECIAL or ids != (PAD_ID, UNK_ID, BOS_ID, EOS_ID) or not all(controls):
            raise InputError(where, expected=expected, found="other special pieces", remedy=REMEDY)
        if surface != UNK or not self._model.is_unknown(UNK_ID):
            raise InputError(where, expected=expected, found="another spelling of UNK", remedy=REMEDY)

    @property
    def size(self) -> int:
        """Number of pieces, special ones included."""
        return len(self.pieces)

    @property
    def sha256(self) -> str:
        """Hash of the model file."""
        return sha256(self._content)

    def encode(self, line: str) -> list[int]:
        """Return the ids of one line, without EOS."""
        ids: list[int] = self._model.encode(_RESERVED.sub(_UNKNOWN, line))
        return ids

    def encode_lines(self, lines: Sequence[str], track: Track = silent) -> NDArray[np.int32]:
        """Return the ids of a text, EOS after every line: int32 (n_tokens,)."""
        ids = [np.empty(0, np.int32)]
        for begin in track(range(0, len(lines), _BATCH), "tokenize"):
            batch = [_RESERVED.sub(_UNKNOWN, line) for line in lines[begin : begin + _BATCH]]
            encoded = self._model.encode(batch, add_eos=True, num_threads=1)
            ids.append(np.fromiter(chain.from_iterable(encoded), np.int32))
        return np.concatenate(ids)

    def encode_block(self, block: bytes) -> NDArray[np.int32]:
        """Return the ids of lines of UTF-8, each ended by a newline, EOS after every line: int32 (n_tokens,)."""
        return self.encode_lines(block.decode().removesuffix("\n").split("\n"))

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of ids; PAD, BOS and EOS are dropped, UNK is written `<unk>`."""
        text: str = self._model.decode([int(i) for i in token_ids if i == UNK_ID or i >= len(SPECIAL)])
        return text

    def save(self, folder: Path) -> None:
        """Write `sentencepiece.model` and `tokenizer.json`."""
        write_folder(folder, self.kind, self._content)
