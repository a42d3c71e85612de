"""How much longer `import imbalance_accessor` takes than `import pandas`: interleaved pairs of fresh processes."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from time import perf_counter

MOST = 1.10


def seconds(statement: str) -> float:
    """Time a fresh interpreter that runs one statement."""
    start = perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=30)
    pairs = parser.parse_args().pairs
    for statement in ("import pandas", "import imbalance_accessor"):  # bytecode and disk cache
        seconds(statement)
    taken = [(seconds("import pandas"), seconds("import imbalance_accessor")) for _ in range(pairs)]
    pandas, ours = (statistics.median(each) for each in zip(*taken, strict=True))
    print(f"import pandas              {pandas:.3f} s (median of {pairs})")
    print(f"import imbalance_accessor  {ours:.3f} s")
    print(f"ratio                      {ours / pandas:.3f} (at most {MOST:.2f} wanted)")
    sys.exit(ours / pandas > MOST)


if __name__ == "__main__":
    main()
