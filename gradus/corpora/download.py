"""Downloads that end: over https, in a few redirects, within a size."""

import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urljoin

import pooch

from gradus.errors import RunError

if TYPE_CHECKING:
    from requests import Response

SERVER = r"(https://[A-Za-z0-9.:-]+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?)"
"""Where files may come from. http shows and lets others choose what is asked for, save on this machine itself."""

_REDIRECTS = 5
_TIMEOUT = 30.0  # seconds without an answer


def download(url: str, output: str, folder: Any, *, largest: int) -> None:
    """Write what an address answers to a file, as pooch's downloaders do.

    Args:
        url: the address.
        output: path of the file.
        folder: the `Pooch` that asks for it.
        largest: bytes of the file at most; nothing beyond is read.
    Raises:
        RunError: if the file is larger, or a redirect leads away from https (or from this machine) or to one more
            redirect than are followed.
    """
    with open(output, "wb") as file:
        # Redirects are followed by `_follow`, for requests reads the whole body of each first, however long.
        get = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), **_options(_REDIRECTS))
        get(url, _Bounded(file, largest, url), folder)


def _options(redirects: int) -> dict[str, Any]:
    hook = partial(_follow, redirects=redirects)
    return {"timeout": _TIMEOUT, "allow_redirects": False, "hooks": {"response": hook}}


def _follow(response: "Response", *_: Any, redirects: int, **__: Any) -> "Response | None":
    """Answer a redirect with what it leads to; a hook of requests, called for every response."""
    import requests

    if not response.is_redirect:
        return None
    response.close()
    target = urljoin(response.url, response.headers["location"])
    scheme = response.url.partition(":")[0]
    if not (target.startswith(f"{scheme}:") and re.fullmatch(rf"{SERVER}([/?#][!-~]*)?", target)):
        raise RunError(
            f"{response.url}: redirects to {target[:200]!a}, which is no {scheme} address that gradus may follow"
        )
    if not redirects:
        raise RunError(f"{response.url}: one more than {_REDIRECTS} redirects, which is as many as gradus follows")
    return requests.get(target, stream=True, **_options(redirects - 1))


class _Bounded:
    """A file that does not grow beyond a size."""

    def __init__(self, file: BinaryIO, largest: int, url: str) -> None:
        self.file, self.largest, self.url, self.left = file, largest, url, largest

    def write(self, data: bytes) -> None:
        """Append to the file, or fail if that makes it too large."""
        self.left -= len(data)
        if self.left < 0:
            raise RunError(f"{self.url}: answers with more than the {self.largest} bytes that the registry allows")
        self.file.write(data)

    def flush(self) -> None:
        """Pass on what was written."""
        self.file.flush()
