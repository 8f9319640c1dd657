"""Datasets of the Hugging Face Hub, read from Parquet files at a fixed commit. No code of a dataset runs.

The Hub converts every public dataset to Parquet on the branch `refs/convert/parquet`, with the path
CONFIG/SPLIT/NUMBER.parquet. If a dataset lacks this branch, its own files SPLIT-NUMBER.parquet are used, in the folder
CONFIG, or in the folder `data` for the configuration `default`.
"""

import re
import sys
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.corpora.fields import LARGEST_DOWNLOAD, FileName
from gradus.corpora.files import WHOLE, Log
from gradus.corpora.sources.rows import write_rows
from gradus.corpora.sources.source import Record, Source, Unreachable, not_installed
from gradus.errors import InputError
from gradus.params import STRICT

_CONVERTED = "refs/convert/parquet"
_SPLIT_NAMES = {"train": ("train",), "valid": ("validation", "valid", "dev"), "test": ("test",), WHOLE: ("train",)}
"""Names that a dataset may use for each split of gradus."""
_ROWS = 256  # rows in memory at a time
BEST = "best"
"""Revision that stands for the newest commit of the converted files, or else of the dataset; `pinned` replaces it."""
ANY = "any"
"""Split that stands for the split with the usual name; `pinned` replaces it."""
_FREE = ("", "other", "unknown")
"""Values of a dataset card's key `license` that state no terms."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HuggingFace(Source):
    """One split of a dataset, at one commit."""

    kind: Literal["hf"]
    dataset: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=200)]
    config: FileName
    """Name of the configuration; `default` if the dataset has only one."""
    revision: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]*$", max_length=100)]
    """Commit of the dataset."""
    split: FileName
    columns: dict[FileName, Annotated[str, Field(pattern=r"^\P{C}+$", max_length=100)]]
    """Dict from a language to the column of its text; a dot leads into a column with fields."""
    separate: ClassVar[bool] = False

    def origin(self, file: str, language: str) -> str:
        """Return the notation of the command line, such as `hf:ORG/NAME/CONFIG:SPLIT`."""
        split = "" if self.split == ANY else f":{self.split}"
        return f"hf:{self.dataset}/{self.config}{split}"

    def write(self, files: Mapping[str, Path], largest: int, log: Log) -> None:
        """Download the Parquet files of the split one by one, and write the columns of the languages."""
        origin = self.origin("", "")
        shards = self._shards()
        log(f"downloading {len(shards)} Parquet files of {origin}")
        for language in files:
            if language not in self.columns:
                expected = f"a column for each language ({', '.join(self.columns)})"
                remedy = f"add --column {language}=COLUMN"
                raise InputError(origin, expected=expected, found=f"none for {language}", remedy=remedy)
        columns, paths = [self.columns[language] for language in files], list(files.values())
        with closing(self._rows(shards, columns, paths[0].parent)) as rows:  # removes its folder also after an error
            write_rows(rows, paths, largest, origin, log)

    def pinned(self, split: str, languages: Sequence[str]) -> Source:
        """Look up the commit, and the dataset's own name of the split."""
        info = self._info(self.revision)
        found = {part: name for name in info["files"] if (part := _split_of(name, self.config))}
        wanted = (self.split,) if self.split != ANY else _SPLIT_NAMES[split]
        for name in wanted:
            if name in found:
                return replace(self, revision=info["commit"], split=name)
        parts = ", ".join(sorted(found)) or f"none in the configuration {self.config} of {_configs(info['files'])}"
        raise InputError(
            f"hf:{self.dataset}",
            expected=f"a split named {' or '.join(wanted)}, as Parquet files",
            found=parts,
            remedy=f"name a split, for example --text hf:{self.dataset}/{self.config}:train, which is split 90/5/5",
        )

    def record(self) -> Record:
        """Return the licence and the citation of the dataset card."""
        info = self._info("main")
        licence = ", ".join(name for name in info["licence"] if name not in _FREE)
        terms = f"licence {licence}, as the dataset card of {self.dataset} states" if licence else ""
        return Record(terms, info["citation"] or f"https://huggingface.co/datasets/{self.dataset}")

    def _shards(self) -> dict[str, int]:
        """Return the sizes of the Parquet files of the split; refuse more than `LARGEST_DOWNLOAD` bytes."""
        files = self._info(self.revision)["files"]
        shards = {name: size for name, size in sorted(files.items()) if _split_of(name, self.config) == self.split}
        if not shards:
            raise Unreachable("the dataset has no such files at this commit")
        if sum(shards.values()) > LARGEST_DOWNLOAD:
            raise Unreachable(f"the split has {sum(shards.values())} bytes, more than {LARGEST_DOWNLOAD}")
        return shards

    def _rows(self, shards: Mapping[str, int], columns: Sequence[str], place: Path) -> Generator[list[Any]]:
        """Yield the rows of all shards; keep one shard at a time, in a temporary folder in `place`."""
        from pyarrow import ArrowException, parquet

        hub = self._hub()
        with tempfile.TemporaryDirectory(dir=place) as folder:
            for name in shards:
                with _failures():
                    path = Path(
                        hub.hf_hub_download(
                            self.dataset, name, repo_type="dataset", revision=self.revision, local_dir=folder
                        )
                    )
                try:
                    with parquet.ParquetFile(path) as table:
                        tops = list(dict.fromkeys(column.split(".")[0] for column in columns))
                        if unknown := set(tops) - set(table.schema_arrow.names):
                            known = ", ".join(table.schema_arrow.names)
                            raise Unreachable(f"the columns are {known}, not {sorted(unknown)[0]}; use --column")
                        for batch in table.iter_batches(_ROWS, columns=tops):
                            for row in batch.to_pylist():
                                yield [_value(row, column) for column in columns]
                except (ArrowException, OSError, UnicodeDecodeError) as error:
                    raise Unreachable(f"a broken Parquet file: {type(error).__name__}") from None
                path.unlink()

    def _info(self, revision: str) -> dict[str, Any]:
        """Return commit, files with sizes, licence and citation."""
        hub = self._hub()
        from huggingface_hub.errors import RevisionNotFoundError

        with _failures():
            if revision != BEST:
                return _facts(hub.dataset_info(self.dataset, revision=revision, files_metadata=True))
            try:
                return _facts(hub.dataset_info(self.dataset, revision=_CONVERTED, files_metadata=True))
            except RevisionNotFoundError:
                return _facts(hub.dataset_info(self.dataset, files_metadata=True))

    def _hub(self) -> Any:
        try:
            from huggingface_hub import HfApi
            from huggingface_hub.utils import disable_progress_bars
        except ImportError:
            raise not_installed(self.origin("", ""), "huggingface_hub", "gradus-lm[hf]") from None
        if not sys.stderr.isatty():
            disable_progress_bars()
        return HfApi()


@contextmanager
def _failures() -> Iterator[None]:
    """Turn every failure of the library and of its server into `Unreachable`."""
    try:
        yield
    except Unreachable:
        raise
    except Exception as error:  # the library lets errors of its HTTP client through, which it has replaced twice
        raise Unreachable(f"huggingface_hub failed: {type(error).__name__}") from None


def _facts(info: Any) -> dict[str, Any]:
    card = info.card_data or {}
    licence = card.get("license") or []
    files = {file.rfilename: file.size or 0 for file in info.siblings or [] if file.rfilename.endswith(".parquet")}
    return {
        "commit": info.sha,
        "files": files,
        "licence": [licence] if isinstance(licence, str) else list(map(str, licence)),
        "citation": str(info.citation or ""),
    }


def _split_of(name: str, config: str) -> str | None:
    """Return the split that a Parquet file belongs to, or None if it belongs to another configuration."""
    if converted := re.fullmatch(r"([^/]+)/([^/]+)/[0-9]+\.parquet", name):
        return converted[2] if converted[1] == config else None
    own = re.fullmatch(r"(?:([^/]+)/)?([A-Za-z0-9_.]+?)(?:-[0-9a-z-]+)?\.parquet", name)
    return own[2] if own and own[1] in ((None, "data") if config == "default" else (config,)) else None


def _configs(files: Mapping[str, int]) -> str:
    return ", ".join(sorted({name.split("/")[0] for name in files if "/" in name})[:20]) or "none"


def _value(row: Any, column: str) -> Any:
    """Return the value of a column; a dot leads into a column with fields."""
    for key in column.split("."):
        row = row.get(key) if isinstance(row, Mapping) else None
    return row
