"""Start one command in several processes, which train one model together; see `gradus.training.data_parallel`.

torch's launcher `torchrun` starts and watches the processes. If one of them ends with an error, it ends the others.
"""

import json
import logging
import os
import signal
import sys
import tempfile
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from gradus.errors import InputError, ProcessError
from gradus.faults import describe
from gradus.params import read_params
from gradus.process import die_with_parent, is_launched

PROCESSES: Any = Annotated[int, Field(ge=1, le=4096)]
"""Type of the number of processes of each training."""

_ERROR_FILE = "TORCHELASTIC_ERROR_FILE"
"""Environment variable of torchrun with the path at which a process writes why it failed."""


def run_in_processes(work: Callable[[], None], params: Path, restart: bool) -> None:
    """Do the work of this command in as many processes as the parameter file says.

    With one process, this one does it. With several, this process starts them, and each runs the command again.

    Args:
        work: the work.
        params: the parameter file.
        restart: whether this process runs nothing but the command, so that its command line can be run again.
    Raises:
        InputError: if there are several processes, but the command line cannot be run again.
        ProcessError: if a process fails or is killed.
        SystemExit: if this process is one of several and the work fails.
    """
    processes: int = read_params(params, "processes", PROCESSES)
    if is_launched():
        with _joined(processes):
            work()
    elif processes > 1:
        if not restart:
            expected, remedy = "1 inside another program", "run the stage as a command, python -m stages.NAME"
            raise InputError(f"{params}: processes", expected=expected, found=str(processes), remedy=remedy)
        _launch(processes)
    else:
        work()


def _launch(processes: int) -> None:
    """Run the command of this process in several processes on this computer, and wait until all have ended.

    Raises:
        ProcessError: if a process fails or is killed.
        SystemExit: if this process gets a signal that ends it.
    """
    # torch's launcher is imported here, because it takes a second, and most trainings have one process.
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    logging.disable(logging.CRITICAL)  # the launcher's reports, of which the one line below is left
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo" if sys.platform == "linux" else "lo0")
    with tempfile.TemporaryDirectory() as errors:
        config = LaunchConfig(
            min_nodes=1,
            max_nodes=1,
            nproc_per_node=processes,
            run_id=uuid.uuid4().hex,
            rdzv_backend="c10d",
            rdzv_endpoint="localhost:0",
            local_addr="localhost",
            max_restarts=0,
            logs_specs=DefaultLogsSpecs(log_dir=errors),
        )
        try:
            elastic_launch(config, sys.executable)(*sys.orig_argv[1:])
        except ChildFailedError as error:
            raise _process_error(*error.get_first_failure(), processes) from None
        except SignalException as error:
            raise SystemExit(128 + error.sigval) from None


def _process_error(number: int, failure: Any, processes: int) -> ProcessError:
    """Return the error of the first process that failed."""
    told = failure.error_file_data if isinstance(failure.error_file_data, dict) else {}
    if "code" in told:
        error = ProcessError(told["message"]["message"], told["code"])
        error.add_note(told["message"]["extraInfo"]["py_callstack"])  # for --debug
        return error
    end = f"was killed by {signal.Signals(-failure.exitcode).name}" if failure.exitcode < 0 else "ended early"
    return ProcessError(
        f"process {number + 1} of {processes} {end}, and the others were stopped; run the stage again: it continues at "
        f"its last checkpoint"
    )


@contextmanager
def _joined(processes: int) -> Iterator[None]:
    """Make this process one of the group that torchrun started, while the block runs. Only process 0 prints.

    Raises:
        InputError: if torchrun started another number of processes.
        SystemExit: if the block fails; the error is left to the launcher, which prints one line for all processes.
    """
    import torch.distributed as dist

    die_with_parent()
    try:
        if int(os.environ["RANK"]):
            sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 (until this process ends)
        started = int(os.environ["WORLD_SIZE"])
        if started != processes:
            remedy = "start as many processes, or change the parameter"
            raise InputError("processes", expected=str(processes), found=f"{started} of torchrun", remedy=remedy)
        dist.init_process_group()
        yield
        dist.destroy_process_group()
    except Exception as error:
        if _ERROR_FILE not in os.environ:
            raise
        sys.exit(_tell(error))


def _tell(error: Exception) -> int:
    """Write the error of this process where the launcher reads it; return the exit code."""
    line, code = describe(error)
    # Of several failed processes, torch's launcher names the one with the lowest time, in seconds. A lost connection
    # follows from the end of another process, so it gets the time of the next day.
    lost = isinstance(error, RuntimeError) and ("gloo" in line or type(error).__name__ == "DistBackendError")
    when = int(time.time()) + (24 * 3600 if lost else 0)
    trace = "".join(traceback.format_exception(error))
    content = {"message": {"message": line, "extraInfo": {"timestamp": str(when), "py_callstack": trace}}, "code": code}
    Path(os.environ[_ERROR_FILE]).write_text(json.dumps(content))
    return code
