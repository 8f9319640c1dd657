"""Datasets in the index of mtdata: 290,000 parallel and monolingual texts for machine translation."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.corpora.files import Log
from gradus.corpora.sources import mtdata_reader
from gradus.corpora.sources.bibtex import short_citation
from gradus.corpora.sources.source import Record, Source, Unreachable, not_installed
from gradus.errors import InputError
from gradus.params import STRICT

_FORM = "GROUP-NAME-VERSION-LANGUAGE-LANGUAGE, as `mtdata list --id` prints"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MtdataSet(Source):
    """One dataset of mtdata, such as `Statmt-europarl-10-deu-eng`."""

    kind: Literal["mtdata"]
    dataset: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+]+(-[A-Za-z0-9_.+]+){3,4}$", max_length=200)]
    separate: ClassVar[bool] = False

    def origin(self, file: str, language: str) -> str:
        """Return the notation of the command line, such as `mtdata:Statmt-europarl-10-deu-eng`."""
        return f"mtdata:{self.dataset}"

    def write(self, files: Mapping[str, Path], largest: int, log: Log) -> None:
        """Let mtdata download the dataset, over https only, and write its text."""
        log(f"reading {self.origin('', '')}; the first use of mtdata builds its index, which takes half a minute")
        answer = self._ask({language: str(path) for language, path in files.items()}, list(files), largest)
        for message in answer["messages"]:
            log(message)

    def pinned(self, split: str, languages: Sequence[str]) -> Source:
        """Refuse a dataset or a language that mtdata does not know."""
        self._ask({}, languages, 0)
        return self

    def record(self) -> Record:
        """Return the publications that mtdata names. mtdata does not state terms of use."""
        return Record(citation=short_citation(self._ask({}, (), 0)["citation"]) or f"mtdata, {self.dataset}")

    def _ask(self, files: Mapping[str, str], languages: Sequence[str], largest: int) -> dict[str, Any]:
        """Run mtdata in a process of its own.

        Importing mtdata runs every `mtdata*.py` of the current folder and changes the logging of the process. So the
        process starts in an empty folder, and its import path has neither this folder nor PYTHONPATH (-E -P).
        """
        order = {"dataset": self.dataset, "files": files, "languages": list(languages), "largest": largest}
        with tempfile.TemporaryDirectory(prefix="gradus-") as folder:
            done = subprocess.run(
                [sys.executable, "-E", "-P", mtdata_reader.__file__, json.dumps(order)],
                cwd=folder,
                capture_output=True,
                text=True,
            )
        try:
            answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        except (ValueError, IndexError):
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise Unreachable(f"mtdata failed: {_shown(last)}") from None
        return self._checked(answer)

    def _checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        origin = self.origin("", "")
        match answer.get("error"):
            case None:
                return answer
            case "not installed":
                raise not_installed(origin, "mtdata 0.5", "gradus-lm[mtdata]")
            case "unknown":
                remedy = "search with: mtdata list --id -l LANGUAGE-LANGUAGE"
                raise InputError(origin, expected=f"a dataset of mtdata ({_FORM})", found="none", remedy=remedy)
            case "language":
                raise InputError(
                    origin,
                    expected=f"one --language for each language of the dataset ({', '.join(answer['known'])})",
                    found=", ".join(answer["asked"]),
                    remedy="correct --language, with codes such as de or deu",
                )
            case reason:
                raise Unreachable(_shown(str(reason)))


def _shown(text: str) -> str:
    """Return the first 200 characters of a message that are safe to print."""
    return "".join(filter(str.isprintable, text))[:200]
