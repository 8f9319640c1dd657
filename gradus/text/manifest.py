"""Read and write the manifest of a tokenised corpus: facts about its tokenizers, and the size of each text."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from pydantic.dataclasses import dataclass

from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.seals import REMEDY
from gradus.errors import InputError
from gradus.results.fields import RESULT, Count, Share
from gradus.results.files import parse_result
from gradus.results.subject import TokenizerFacts
from gradus.text.special import SPECIAL

JOINT = "tokenizer"
"""Name of the tokenizer, if one tokenizer encodes all texts."""
SIDES = ("tokenizer.src", "tokenizer.tgt")
"""Names of the two tokenizers, if the source and the target side have different tokenizers."""


@dataclass(frozen=True, config=RESULT)
class TextCounts:
    """Numbers of lines, tokens and characters in a text."""

    lines: Count
    """Number of lines, blank lines included."""
    tokens: Count
    """Number of tokens, with one EOS per line."""
    characters: Count
    """Number of Unicode code points, with one newline per line."""
    unk: Count
    """Number of tokens that are UNK."""
    oov_rate: Share
    """`unk` divided by the number of tokens without EOS; 0 for a text of blank lines."""


@dataclass(frozen=True, config=RESULT)
class Manifest:
    """Content of `manifest.json` in a folder of token ids."""

    path: Path
    """The file `manifest.json`."""
    tokenizers: Mapping[str, TokenizerFacts]
    """Dict from the name of a tokenizer to its facts. The names are either `JOINT` alone or both names in `SIDES`."""
    counts: Mapping[str, TextCounts]
    """Dict from the name of a text, such as `test` or `test.src`, to its counts."""

    @property
    def joint(self) -> bool:
        """Whether one tokenizer encodes all texts."""
        return JOINT in self.tokenizers

    def tokenizer(self, side: str = "") -> TokenizerFacts:
        """Return facts about the tokenizer of a text.

        Args:
            side: `src` or `tgt` for a side of a translation; empty for the text of language models.
        Raises:
            InputError: if the corpus has no tokenizer for this side.
        """
        name = JOINT if self.joint else f"{JOINT}.{side}"
        if name not in self.tokenizers:
            expected = f"a tokenizer for the side {side}" if side else "one tokenizer for all texts"
            raise _broken(self.path, expected, ", ".join(self.tokenizers))
        return self.tokenizers[name]

    def counts_of(self, text: str) -> TextCounts:
        """Return the counts of a text.

        Raises:
            InputError: if the manifest has no counts of this text.
        """
        if text not in self.counts:
            raise _broken(self.path, f"the counts of {text}", "none")
        return self.counts[text]


def write_manifest(manifest: Manifest) -> None:
    """Write a manifest as JSON: one key per tokenizer, and the key `splits` with the counts of all texts."""
    tokenizers = {name: asdict(facts) for name, facts in manifest.tokenizers.items()}
    counts = {name: asdict(counts) for name, counts in manifest.counts.items()}
    write_json(manifest.path, {**tokenizers, "splits": counts})


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest in a folder of token ids. Unknown keys are ignored.

    Raises:
        InputError: if the file is missing or broken, or a value is missing or out of bounds.
    """
    path = folder / "manifest.json"
    values = read_json(path)
    names = sorted(name for name in values if name.startswith(JOINT))
    if names not in ([JOINT], [*SIDES]):
        raise _broken(path, "one tokenizer, or one for each side", ", ".join(names) or "none")
    tokenizers = {name: parse_result(values[name], f"{path}: {name}", TokenizerFacts, remedy=REMEDY) for name in names}
    for name, facts in tokenizers.items():
        if not len(SPECIAL) <= facts.size < 2**31:  # token ids are int32
            raise _broken(f"{path}: {name}.size", f"at least {len(SPECIAL)} and less than 2^31", str(facts.size))
    # Folders without counts are read too: only the evaluation of language models needs counts.
    counts = parse_result(values.get("splits", {}), f"{path}: splits", dict[str, TextCounts], remedy=REMEDY)
    return Manifest(path, tokenizers, counts)


def _broken(where: Path | str, expected: str, found: str) -> InputError:
    return InputError(where, expected=expected, found=found, remedy=REMEDY)
