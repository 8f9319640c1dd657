"""Kill the pipeline repeatedly and report lost results: python -m tests.torture --kills 200 --seed 1."""

import argparse
import sys

from tests.torture.pipeline import torture

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--kills", type=int, default=200, help="number of kills")
parser.add_argument("--seed", type=int, default=1, help="seed that chooses the moment and the signal of each kill")
options = parser.parse_args()
tally = torture(options.kills, options.seed)
print("\n".join([*tally.lines(), *tally.lost]))
sys.exit(bool(tally.lost))
