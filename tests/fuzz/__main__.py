"""Fuzz one target, several or all: `python -m tests.fuzz TARGET --seconds 60 --seed 1`."""

import argparse
import json
import sys
from pathlib import Path

from tests.fuzz.runner import Job, Outcome, run, work


def main() -> int:
    """Run the targets that the command line names; return 1 if a case failed."""
    from tests.fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="+", choices=[*TARGETS, "all"], metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--seed", type=int, default=1, help="draws the cases")
    parser.add_argument("--keep", type=Path, default=Path(".gradus/fuzz"), help="folder of the cases that failed")
    options = parser.parse_args()
    names = list(TARGETS) if "all" in options.targets else options.targets
    failed = False
    for name in names:
        outcome = run([Job(name, seed=options.seed, seconds=options.seconds)])[name]
        _report(name, outcome, options.keep)
        failed |= bool(outcome.failures)
    return int(failed)


def _report(name: str, outcome: Outcome, folder: Path) -> None:
    counts = {key: outcome.counts[key] for key in ("cases", "refused", "answered", "failures")}
    print(name, *(f"{value} {key}" for key, value in counts.items()), sep="\t", flush=True)
    seen = set()
    for number, failure in enumerate(outcome.failures):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}-{number}.json"
        path.write_text(json.dumps(failure, indent=1) + "\n")
        first = failure["what"].split("\n")[0][:150]
        if first not in seen:
            print(f"  {failure['kind']}: {first} ({path})", flush=True)
            seen.add(first)


if __name__ == "__main__":
    if sys.argv[1:] == ["--worker"]:
        work(json.load(sys.stdin))
    else:
        sys.exit(main())
