"""Download files over https, with limits on the size of a file and on the number of redirects."""

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
"""Pattern of the allowed servers: https servers, and http servers on this machine.

A third party could read and change a download that crosses a network over http.
"""

_REDIRECTS = 5
_TIMEOUT = 30.0  # seconds without data from the server


def download(url: str, output: str, folder: Any, *, largest: int) -> None:
    """Download a file; called by pooch, which sets the first three parameters.

    Args:
        url: address of the file.
        output: path to write the file to.
        folder: the `Pooch` object that calls this function.
        largest: maximum size of the file in bytes; the download stops if the file is larger.
    Raises:
        RunError: if the file is larger than `largest`, if there are more than five redirects, or if a redirect leads
            from https to http, from http to https, or to a server that `SERVER` does not match.
    """
    with open(output, "wb") as file:
        # `_follow` handles redirects, because requests would first read the whole body of each, however long.
        get = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), **_options(_REDIRECTS))
        get(url, _BoundedFile(file, largest, url), folder)


def _options(redirects: int) -> dict[str, Any]:
    hook = partial(_follow, redirects=redirects)
    return {"timeout": _TIMEOUT, "allow_redirects": False, "hooks": {"response": hook}}


def _follow(response: "Response", *_: Any, redirects: int, **__: Any) -> "Response | None":
    """Follow a redirect and return the next response; requests calls this hook for every response."""
    import requests

    if not response.is_redirect:
        return None
    response.close()  # the body of a redirect is never read: it may be of any size
    target = urljoin(response.url, response.headers["location"])
    scheme = response.url.partition(":")[0]
    if not (target.startswith(f"{scheme}:") and re.fullmatch(rf"{SERVER}([/?#][!-~]*)?", target)):
        allowed = "https address" if scheme == "https" else "http address on this machine"
        raise RunError(
            f"{response.url}: expected a redirect to an {allowed}, found {target[:200]!a}; "
            "correct the address in the registry"
        )
    if not redirects:
        raise RunError(
            f"{response.url}: expected at most {_REDIRECTS} redirects, found more redirects; "
            "correct the address in the registry"
        )
    return requests.get(target, stream=True, **_options(redirects - 1))


class _BoundedFile:
    """File that refuses to grow beyond a maximum size."""

    def __init__(self, file: BinaryIO, largest: int, url: str) -> None:
        self.file, self.largest, self.url, self.remaining = file, largest, url, largest

    def write(self, data: bytes) -> None:
        """Append data to the file.

        Raises:
            RunError: if the file would exceed its maximum size.
        """
        self.remaining -= len(data)
        if self.remaining < 0:
            raise RunError(
                f"{self.url}: expected at most {self.largest} bytes, found a larger file; "
                "correct `largest` in the registry"
            )
        self.file.write(data)

    def flush(self) -> None:
        """Flush the file."""
        self.file.flush()
