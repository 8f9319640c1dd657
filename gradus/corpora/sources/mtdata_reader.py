"""Program that reads one dataset with mtdata; `mtdata_sets` starts it in a process of its own.

The argument is a JSON object with the dataset, the languages, and the file and the largest size for each language. The
last line of standard output is a JSON object with the citation, or with the reason of a failure.
"""

import json
import logging
import os
import sys
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
VERSION = "0.5."
"""Start of the versions of mtdata that this program can use; the interface of its parser changed in 0.5."""


def main(order: dict[str, Any]) -> dict[str, Any]:
    """Look up a dataset; if files are given, also download it and write its text."""
    logging.getLogger().addHandler(logging.NullHandler())  # otherwise mtdata prints its messages
    if find_spec("mtdata") is None or not version("mtdata").startswith(VERSION):
        return {"error": "not installed"}
    from mtdata.entry import DatasetId
    from mtdata.index import INDEX
    from requests.exceptions import RequestException

    try:
        entry = INDEX.entries.get(DatasetId.parse(order["dataset"]))
    except Exception:  # mtdata refuses an identifier by an assertion or a plain Exception
        entry = None
    if entry is None:
        return {"error": "unknown"}
    places = _columns(entry, order["languages"])
    if places is None:
        return {"error": "language", "known": list(map(str, entry.did.langs)), "asked": order["languages"]}
    messages: list[str] = []
    if order["files"]:
        if entry.ext == "hfds":
            return {"error": f"mtdata reads this dataset from the Hugging Face Hub; use hf:{entry.meta['orig_id']}"}
        try:
            _write(entry, order, places, messages)
        except RequestException as error:
            return {"error": type(error).__name__}
        except Exception as error:  # mtdata has no errors of its own for files that are missing or malformed
            return {"error": str(error) or type(error).__name__}
    return {"citation": "\n".join(INDEX.ref_db.get_bibtex(key) for key in entry.cite or ()), "messages": messages}


def _columns(entry: Any, languages: list[str]) -> list[int] | None:
    """Return the column of each language in the dataset, or None if they do not match one to one."""
    from mtdata.iso.bcp47 import bcp47

    if not languages:
        return []
    try:
        tags = [bcp47(language) for language in languages]
    except Exception:  # the parser raises a plain Exception for an unknown code
        return None
    places = [[place for place, known in enumerate(entry.did.langs) if known.is_compatible(tag)] for tag in tags]
    flat = [found[0] for found in places if len(found) == 1]
    return flat if sorted(flat) == list(range(len(entry.did.langs))) else None


def _write(entry: Any, order: dict[str, Any], places: list[int], messages: list[str]) -> None:
    import mtdata
    from mtdata.cache import Cache
    from mtdata.parser import Parser

    from gradus.corpora.download import download
    from gradus.corpora.fields import LARGEST_DOWNLOAD
    from gradus.corpora.sources.rows import write_rows

    class HttpsCache(Cache):  # type: ignore[misc]
        """Cache of mtdata that never downloads over http, and never from a server without a valid certificate."""

        def download(self, url: str, save_at: Path, timeout: object = None, entry: Any = None) -> Path:
            """Download a file of at most `LARGEST_DOWNLOAD` bytes."""
            flag = self.get_flag_file(save_at)
            if not (flag.exists() and save_at.exists()):
                save_at.parent.mkdir(parents=True, exist_ok=True)
                part = save_at.with_name(f"{save_at.name}.part{os.getpid()}")
                download(f"https://{url.partition('://')[2]}", str(part), None, largest=LARGEST_DOWNLOAD)
                part.replace(save_at)
                flag.touch()
            return save_at

    def rows() -> Iterator[list[str]]:
        paths = HttpsCache(mtdata.cache_dir).get_entry(entry)
        for row in Parser(paths, ext=entry.in_ext or None, ent=entry).read_segs(show_pbar=False):
            columns = [row] if isinstance(row, str) else row
            yield [columns[place] for place in places]

    files = [Path(order["files"][language]) for language in order["languages"]]
    write_rows(rows(), files, order["largest"], f"mtdata:{order['dataset']}", messages.append)


if __name__ == "__main__":
    sys.path.append(str(ROOT))  # last, so that nothing there can take the place of a library
    print(json.dumps(main(json.loads(sys.argv[1]))))
