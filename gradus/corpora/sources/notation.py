"""Parse the notation for sources on the command line.

PATH or PATH with {language}          files on this machine; a file that ends in .gz is decompressed when it is read
https://HOST/FILE, with {language}    files on a server
hf:ORG/NAME[/CONFIG][@REVISION][:SPLIT]
mtdata:GROUP-NAME-VERSION-LANGUAGE[-LANGUAGE]
sacrebleu:TEST_SET/SOURCE-TARGET
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from gradus.corpora.fields import FileName
from gradus.corpora.files import SPLITS, WHOLE
from gradus.corpora.sources.copied import LocalFiles
from gradus.corpora.sources.hugging_face import ANY, BEST
from gradus.corpora.sources.source import Source
from gradus.corpora.sources.table import AnySource
from gradus.errors import InputError
from gradus.params import validated

_HUB = re.compile(r"hf:([^/:@]+/[^/:@]+)(?:/([^/:@]+))?(?:@([^:]+))?(?::([^:]+))?")
_SERVER = re.compile(r"https?://")
_ENDINGS = ("", ".gz")


@dataclass(frozen=True)
class Place:
    """Source of one split, and the name of its local files."""

    source: Source
    file: str
    """File name with `{language}` in place of the language."""


def parse_places(
    whole: str | None, parts: Mapping[str, str], languages: Sequence[str], columns: Mapping[str, str]
) -> dict[str, Place]:
    """Parse the sources of a corpus.

    Args:
        whole: value of `--from`, or None. If `parts` is empty, it is the source of all splits; otherwise it is the
            folder or the address that relative names in `parts` start from.
        parts: dict from a split (`train`, `valid`, `test`; or only `text`) to its source.
        languages: languages of the corpus.
        columns: dict from a language to a column of a Hugging Face dataset; may be empty.
    Returns:
        dict from each split to its source.
    Raises:
        InputError: if a source is missing or malformed, or a folder lacks the files of a split.
    """
    require_languages(languages)
    if not parts:
        parts = _parts_of(whole, languages)
    elif whole is not None:
        parts = {split: _joined(whole, part) for split, part in parts.items()}
    if set(parts) not in (set(SPLITS), {WHOLE}):
        raise InputError(
            "gradus corpus add",
            expected="--train, --valid and --test, or only --text, or only --from",
            found=", ".join(f"--{split}" for split in parts),
            remedy="name a source for each split",
        )
    return {split: _place(split, parts[split], languages, columns) for split in parts}


def require_languages(languages: Sequence[str]) -> None:
    """Refuse languages that cannot be a part of a file name, and a language that is given twice."""
    validated(list(languages), "--language", list[FileName])
    if len(set(languages)) < len(languages):
        raise InputError("--language", expected="different languages", found="one twice", remedy="remove one")


def _parts_of(whole: str | None, languages: Sequence[str]) -> dict[str, str]:
    """Return the source of each split if only `--from` is given."""
    if whole is None:
        remedy = "add --from SOURCE, or --train, --valid and --test"
        raise InputError("--from", expected="a source of text", found="none", remedy=remedy)
    if whole.startswith("hf:") and ":" not in whole.removeprefix("hf:"):
        return dict.fromkeys(SPLITS, whole)
    if whole.startswith("sacrebleu:"):
        remedy = "use it for --valid or --test, with another source for --train"
        raise InputError("--from", expected="a source of training text", found="a test set", remedy=remedy)
    if whole.startswith(("hf:", "mtdata:")):
        return {WHOLE: whole}
    if _SERVER.match(whole):
        if whole.endswith("/"):
            remedy = "name the files with --train, --valid and --test, or with --text"
            raise InputError("--from", expected="the address of a file", found="the address of a folder", remedy=remedy)
        return {WHOLE: whole}
    return _files_in(Path(whole), languages) if Path(whole).is_dir() else {WHOLE: whole}


def _files_in(folder: Path, languages: Sequence[str]) -> dict[str, str]:
    """Find the files of a folder by their usual names, such as `train.en.gz`, or `text.txt` for one language."""
    names = ["{language}", *(["txt"] if len(languages) == 1 else [])]
    found = {split: _patterns(folder, split, names, languages) for split in (*SPLITS, WHOLE)}
    splits = [split for split in found if found[split]]
    if splits in ([*SPLITS], [WHOLE]) and all(len(found[split]) == 1 for split in splits):
        return {split: found[split][0] for split in splits}
    usual = ", ".join(f"{split}.{languages[0]}" for split in SPLITS)
    raise InputError(
        folder,
        expected=f"files {usual} (or {WHOLE}.{languages[0]}) for each language, perhaps with .gz",
        found=", ".join(Path(pattern).name for split in splits for pattern in found[split]) or "none of them",
        remedy="rename the files, or name them with --train, --valid and --test",
    )


def _patterns(folder: Path, split: str, names: Sequence[str], languages: Sequence[str]) -> list[str]:
    patterns = [f"{folder}/{split}.{name}{ending}" for name in names for ending in _ENDINGS]
    return [
        pattern
        for pattern in patterns
        if all(Path(pattern.replace("{language}", language)).is_file() for language in languages)
    ]


def _joined(whole: str, part: str) -> str:
    """Return `part`, relative to the folder or the address `whole` unless it is complete itself."""
    if re.match(r"(https?://|hf:|mtdata:|sacrebleu:|/)", part):
        return part
    return f"{whole.rstrip('/')}/{part}"


def _place(split: str, text: str, languages: Sequence[str], columns: Mapping[str, str]) -> Place:
    where = f"--from {text}" if split == WHOLE else f"--{split} {text}"
    values = _collection(text, where)
    if values:
        if values["kind"] == "hf":
            values["columns"] = dict(columns) or _usual_columns(languages)
        return Place(_validated(values, where), f"{split}.{{language}}")
    if len(languages) > 1 and "{language}" not in text:
        expected = f"{{language}} in the name, for {', '.join(languages)}"
        raise InputError(where, expected=expected, found="one name for all", remedy="write {language} for the language")
    ending = ".gz" if re.search(r"\.gz([?#].*)?$", text) else ""
    if _SERVER.match(text):
        return Place(_validated({"kind": "https", "address": text}, where), f"{split}.{{language}}{ending}")
    return Place(LocalFiles(text), f"{split}.{{language}}{ending}")


def _validated(values: Mapping[str, Any], where: str) -> Source:
    source: Any = AnySource
    return cast(Source, validated(values, where, source))


def _collection(text: str, where: str) -> dict[str, Any]:
    """Parse the source in a collection of datasets, such as `mtdata:ID`; return an empty dict for any other source."""
    kind, _, rest = text.partition(":")
    match kind:
        case "hf":
            found = _HUB.fullmatch(text)
            if not found:
                expected = "hf:ORGANISATION/NAME[/CONFIG][@REVISION][:SPLIT]"
                raise InputError(where, expected=expected, found=repr(text), remedy="correct the source")
            dataset, config, revision, split = found.groups()
            names = {"dataset": dataset, "config": config or "default"}
            return {"kind": kind, **names, "revision": revision or BEST, "split": split or ANY}
        case "mtdata":
            return {"kind": kind, "dataset": rest}
        case "sacrebleu":
            test_set, _, direction = rest.rpartition("/")
            return {"kind": kind, "test_set": test_set, "direction": direction}
        case _:
            return {}


def _usual_columns(languages: Sequence[str]) -> dict[str, str]:
    """Return the usual columns: `text`, or `translation` with one field per language."""
    if len(languages) == 1:
        return {languages[0]: "text"}
    return {language: f"translation.{language}" for language in languages}
