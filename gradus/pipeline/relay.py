"""Run DVC as a child process and read its output line by line, without blocking other work."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import cast

from gradus.pipeline.dvc import environment
from gradus.process import die_with_parent


@asynccontextmanager
async def dvc_process(*command: str, folder: Path | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a DVC command; interrupt the command if it is still running at the end of the block.

    Args:
        command: the whole command line.
        folder: working directory of the command; by default, the current folder.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=1 << 20,  # bytes in a line
        env=environment(),
        # In a group of their own, DVC and its stage are interrupted together, and only once after Ctrl-C.
        process_group=0,
        preexec_fn=die_with_parent,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            await process.wait()


async def output_lines(process: asyncio.subprocess.Process) -> AsyncIterator[str]:
    """Yield the lines that a process of `dvc_process` prints to standard output and standard error."""
    async for raw in cast(asyncio.StreamReader, process.stdout):
        yield raw.decode("utf-8", errors="replace").rstrip()
