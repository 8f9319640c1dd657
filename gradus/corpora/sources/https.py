"""Text files on an https server."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import pooch
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.corpora.download import SERVER, download
from gradus.corpora.files import Log
from gradus.corpora.sources.source import Record, Source, Unreachable
from gradus.errors import InputError
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Https(Source):
    """One file per language on an https server."""

    kind: Literal["https"]
    address: Annotated[str, Field(pattern=rf"^{SERVER}/[!-~]*$", max_length=1000)]
    """Address of the files, with `{language}` in place of the language, or `{file}` in place of the file's name."""

    def origin(self, file: str, language: str) -> str:
        """Return the address of a file."""
        return self.address.replace("{file}", file).replace("{language}", language)

    def record(self) -> Record:
        """Return the address as the citation. A server does not state terms of use."""
        return Record(citation=self.address)

    def write(self, files: Mapping[str, Path], largest: int, log: Log) -> None:
        """Download the files. A download that breaks off is tried twice more."""
        from requests.exceptions import RequestException

        pooch.get_logger().setLevel("WARNING")  # `log` reports downloads itself
        for language, path in files.items():
            url = self.origin(path.name, language)
            log(f"downloading {url}")
            folder = pooch.create(
                path=path.parent, base_url="", registry={path.name: None}, urls={path.name: url}, retry_if_failed=2
            )
            try:
                folder.fetch(path.name, downloader=partial(download, largest=largest))
            except InputError:  # a ValueError too, with a better message
                raise
            except (RequestException, ValueError) as error:  # ValueError: a header that should be a number
                raise Unreachable(type(error).__name__) from None
