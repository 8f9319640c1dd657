"""python -m tests.torture --kills 200 --seed 1: kill the pipeline, print what was tried and what was lost."""

import argparse
import sys

from tests.torture.pipeline import torture

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--kills", type=int, default=200, help="how often a run is stopped")
parser.add_argument("--seed", type=int, default=1, help="of the moments and the ways")
options = parser.parse_args()
tally = torture(options.kills, options.seed)
print("\n".join([*tally.lines(), *tally.lost]))
sys.exit(bool(tally.lost))
