"""DVC as a child process whose output is passed on line by line while other work goes on."""

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
async def started(*command: str, folder: Path | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start DVC, in the current folder or another; interrupt it if the block ends before it does."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=1 << 20,  # bytes in a line
        env=environment(),
        process_group=0,  # DVC and its stage are interrupted together, and not twice by a terminal
        preexec_fn=die_with_parent,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            await process.wait()


async def lines(process: asyncio.subprocess.Process) -> AsyncIterator[str]:
    """Yield what a process prints, standard error included."""
    async for raw in cast(asyncio.StreamReader, process.stdout):
        yield raw.decode("utf-8", errors="replace").rstrip()
