"""SentencePiece tokenizers (unigram, bpe, char) that decode token ids to exactly the encoded text.

With its default options, SentencePiece changes or loses some text (tested with version 0.2.3). Therefore:

- Normalisation is off and all white space is kept. Tabs, carriage returns, control characters and line separators are
  pieces like other characters.
- The length limit is raised, because SentencePiece ignores sentences longer than 4,192 bytes in training.
- Every character of the training text is required as a piece. By default, SentencePiece ignores the characters of a
  text that is spelled like a special piece, such as `</s>`. gradus encodes `</s>` in a text as single characters,
  never as the id of the special piece.
- The characters U+2581 and U+2585 in a text become UNK, because SentencePiece reserves U+2581 for spaces and U+2585
  for unknown characters.
- Adjacent unknown characters become one UNK.
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
from gradus.text.tokenizers.folder import REMEDY, sha256, write_folder

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
    "unk_surface": UNK,  # text of UNK when decoded
    "num_threads": 1,
    "minloglevel": 2,  # errors only
}
_BATCH = 1024  # lines per step of the progress bar


def train_sentencepiece(
    lines: Sequence[str], kind: SentencePieceKind, size: int | None, where: str = "tokenizer"
) -> "SentencePieceTokenizer":
    """Train a SentencePiece model; equal lines produce models with equal bytes.

    The kinds `unigram` and `bpe` add a space before each line, so that the first word of a line has the same pieces as
    this word elsewhere; `decode` removes the space. The kind `char` adds no space.

    Args:
        lines: training text.
        kind: kind of pieces.
        size: number of pieces, special pieces included; None for `char`, whose vocabulary has all characters.
        where: name of the parameter section that sets the size, for errors.
    Raises:
        InputError: if `size` is too large for the text, or too small for its characters and the special pieces.
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
    """Translate SentencePiece's error about a wrong size; name the nearest size that works."""
    if largest := re.search(r"too high \(\d+\).* value <= (\d+)", str(error)):
        bound = f"at most {largest[1]}, the largest vocabulary that the text supports"
        return InputError(f"{where}: size", expected=bound, found=str(size), remedy="lower the size or add text")
    if smallest := re.search(r"required_chars\. \d+ vs (\d+)", str(error)):
        bound = f"at least {smallest[1]}, one for each character of the text and each special piece"
        return InputError(f"{where}: size", expected=bound, found=str(size), remedy="raise the size")
    return error


class SentencePieceTokenizer:
    """Tokenizer with a SentencePiece model; `decode(encode(line)) == line` if all characters are known.

    Args:
        kind: kind of pieces.
        content: content of the model file.
        where: name of the model file, for errors.
    Raises:
        InputError: if the file is not a model that `train_sentencepiece` trained.
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
        except (RuntimeError, ValueError, IndexError) as error:  # ValueError: a piece is not UTF-8
            raise InputError(where, expected=expected, found=str(error), remedy=REMEDY) from None
        controls = [self._model.is_control(i) for i in (PAD_ID, BOS_ID, EOS_ID)]
        ids = (self._model.pad_id(), self._model.unk_id(), self._model.bos_id(), self._model.eos_id())
        if tuple(self.pieces[:4]) != SPECIAL or ids != (PAD_ID, UNK_ID, BOS_ID, EOS_ID) or not all(controls):
            raise InputError(where, expected=expected, found="other special pieces", remedy=REMEDY)
        if surface != UNK or not self._model.is_unknown(UNK_ID):
            raise InputError(where, expected=expected, found="another spelling of the UNK piece", remedy=REMEDY)

    @property
    def size(self) -> int:
        """Number of pieces, special pieces included."""
        return len(self.pieces)

    @property
    def sha256(self) -> str:
        """SHA-256 of the model file."""
        return sha256(self._content)

    def encode(self, line: str) -> list[int]:
        """Return the token ids of one line, without EOS."""
        ids: list[int] = self._model.encode(_RESERVED.sub(_UNKNOWN, line))
        return ids

    def encode_lines(self, lines: Sequence[str], track: Track = silent) -> NDArray[np.int32]:
        """Return the token ids of a text, with EOS after every line: int32 (n_tokens,)."""
        ids = [np.empty(0, np.int32)]
        for begin in track(range(0, len(lines), _BATCH), "tokenize"):
            batch = [_RESERVED.sub(_UNKNOWN, line) for line in lines[begin : begin + _BATCH]]
            encoded = self._model.encode(batch, add_eos=True, num_threads=1)
            ids.append(np.fromiter(chain.from_iterable(encoded), np.int32))
        return np.concatenate(ids)

    def encode_block(self, block: bytes) -> NDArray[np.int32]:
        """Return the token ids of whole UTF-8 lines, with EOS after every line: int32 (n_tokens,)."""
        return self.encode_lines(block.decode().removesuffix("\n").split("\n"))

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of token ids; drop PAD, BOS and EOS, and write UNK as `<unk>`."""
        text: str = self._model.decode([int(i) for i in token_ids if i == UNK_ID or i >= len(SPECIAL)])
        return text

    def save(self, folder: Path) -> None:
        """Write `sentencepiece.model` and `tokenizer.json`."""
        write_folder(folder, self.kind, self._content)
