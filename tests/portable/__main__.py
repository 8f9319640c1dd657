"""Compare the outputs of every stage with those of other processors.

python -m tests.portable                 compare with known.json
python -m tests.portable --write         write known.json, after a change that is meant to change results
python -m tests.portable --cpu Haswell   use an emulated processor (`qemu-x86_64`, package qemu-user); takes an hour
python -m tests.portable --only 'train_mt|tokenize|acquire'
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import gradus  # noqa: F401  sets the variables of portable kernels

KNOWN = Path(__file__).parent / "known.json"


def main() -> int:
    """Print the outputs that differ; return the exit code."""
    parser = argparse.ArgumentParser(description="Compare the outputs of every stage with those of other processors.")
    parser.add_argument("--write", action="store_true", help="write known.json")
    parser.add_argument("--only", default="", help="regular expression for 'STAGE NAME', such as train_mt")
    parser.add_argument("--cpu", help="emulate this processor; for a list, run qemu-x86_64 -cpu help")
    options = parser.parse_args()
    if options.cpu:
        command = [sys.executable, "-m", "tests.portable", "--only", options.only]
        return subprocess.run(["qemu-x86_64", "-cpu", options.cpu, *command]).returncode
    from tests.portable.outputs import fingerprints

    with tempfile.TemporaryDirectory() as folder:
        found = fingerprints(Path(folder), options.only)
    if options.write:
        KNOWN.write_text(json.dumps(found, indent=2) + "\n")
        return 0
    known = json.loads(KNOWN.read_text())
    differs = [name for name in found if known.get(name) != found[name]]
    print(f"{len(found)} outputs, {len(differs)} differ" + "".join(f"\n  {name}" for name in differs))
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
