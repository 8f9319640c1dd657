"""Keep freed memory in this process, so that the next arrays of the same size need not be mapped again.

By default, the C library maps every array of more than 128 KiB to 32 MiB on its own, and returns it to the system when
it is freed. A training step frees and allocates arrays of the same sizes at every step, and the system fills each of
their pages with zeros again: a fifth of the processor time of a step with 10,000 types.
"""

import ctypes
import platform

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Names of the settings, in the file malloc.h of the GNU C library."""
MAPPED_BYTES = 2**25
"""Arrays of more than this number of bytes are still mapped on their own: 32 MiB, the largest value that is allowed."""
KEPT_BYTES = 2**30
"""Freed memory at the end of the heap that is kept."""


def keep_freed_memory() -> None:
    """Tell the C library to keep freed memory. This has an effect with the GNU C library only."""
    if platform.libc_ver()[0] != "glibc":
        return
    library = ctypes.CDLL(None)
    library.mallopt(_MMAP_THRESHOLD, MAPPED_BYTES)
    library.mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
