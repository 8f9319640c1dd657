"""Words between white space, for text that is tokenised already."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gradus.errors import InputError
from gradus.progress import Track, silent
from gradus.text.special import EOS_ID, SPECIAL, UNK, UNK_ID
from gradus.text.tokenizer_folder import sha256, write_folder

_BATCH = 4096  # lines between two movements of the progress bar


def train_words(lines: Sequence[str], min_count: int, where: str = "tokenizer") -> "WordTokenizer":
    """Keep the words seen at least `min_count` times, the most frequent first, equals in code point order.

    A literal `<unk>` is UNK already; the other special pieces are no words (`refuse_special_words`).

    Raises:
        InputError: if no word is that frequent.
    """
    counts = Counter(chain.from_iterable(map(str.split, lines)))
    kept = [word for word, count in counts.items() if count >= min_count and word not in SPECIAL]
    if not kept:
        most = max((count for word, count in counts.items() if word not in SPECIAL), default=0)
        raise InputError(
            f"{where}: min_count",
            expected=f"at most {most}, the count of the most frequent word",
            found=str(min_count),
            remedy="lower it",
        )
    return WordTokenizer([*SPECIAL, *sorted(kept, key=lambda word: (-counts[word], word))])


def refuse_special_words(lines: Sequence[str], where: Path) -> None:
    """Refuse a text in which a word is spelled like PAD, BOS or EOS, for each line gets its own EOS.

    Raises:
        InputError: with the line.
    """
    marks = [mark for mark in SPECIAL if mark != UNK]
    for number, line in enumerate(lines, start=1):
        if "<" in line and (found := set(marks).intersection(line.split())):
            raise InputError(
                f"{where}: line {number}",
                expected=f"words other than {', '.join(marks)}",
                found=min(found),
                remedy="remove it: lines get their marks from gradus",
            )


class WordTokenizer:
    """A closed vocabulary of words; every other word is UNK.

    Words are separated by runs of what Unicode calls white space, so `decode` gives back a line whose
    words stand one space apart.
    """

    kind: Literal["word"] = "word"

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = pieces
        self._ids = {word: token_id for token_id, word in enumerate(pieces)}
        self._ids.update(dict.fromkeys(SPECIAL, UNK_ID))

    @property
    def size(self) -> int:
        """Number of pieces, special ones included."""
        return len(self.pieces)

    @property
    def sha256(self) -> str:
        """Hash of the vocabulary file."""
        return sha256(self._content())

    def encode(self, line: str) -> list[int]:
        """Return the ids of a line's words, without EOS."""
        return [self._ids.get(word, UNK_ID) for word in line.split()]

    def encode_lines(self, lines: Sequence[str], track: Track = silent) -> NDArray[np.int32]:
        """Return the ids of a text, EOS after every line: int32 (n_tokens,)."""
        ids = [np.empty(0, np.int32)]
        for begin in track(range(0, len(lines), _BATCH), "tokenize"):
            batch = ((*self.encode(line), EOS_ID) for line in lines[begin : begin + _BATCH])
            ids.append(np.fromiter(chain.from_iterable(batch), np.int32))
        return np.concatenate(ids)

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the words of ids with a space between; PAD, BOS and EOS are dropped, UNK is `<unk>`."""
        return " ".join(self.pieces[i] for i in token_ids if i == UNK_ID or i >= len(SPECIAL))

    def save(self, folder: Path) -> None:
        """Write `vocabulary.txt`, one piece a line in the order of ids, and `tokenizer.json`."""
        write_folder(folder, self.kind, self._content())

    def _content(self) -> bytes:
        return "".join(f"{piece}\n" for piece in self.pieces).encode()
