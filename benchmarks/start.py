"""How long does it take until `saddle` has shown its help, or refused a name that is misspelt?

python benchmarks/start.py

Whole processes, turn by turn, beside a Python that does nothing; and whether torch was imported on the way.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from statistics import median

from record import keep

TARGET = 0.4
CASES = {
    "help": ["--help"],
    "command": ["trian"],
    "recipe": ["train", "ring", "--recipe", "rign"],
    "objective": ["train", "ring", "--objective", "wgan_pg"],
    "network": ["train", "ring", "--network", "mpl"],
    "data": ["train", "rign"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = range(parser.parse_args().rounds + 1)
    # The first of each warms the disk's cache.
    bare = [seconds(["-c", ""]) for _ in rounds][1:]
    times = [{case: seconds(["-m", "saddlepoint", *arguments]) for case, arguments in CASES.items()} for _ in rounds][
        1:
    ]
    for case, arguments in CASES.items():
        own = [one[case] for one in times]
        keep(
            "start",
            case=case,
            seconds={"median": round(median(own), 3), "max": round(max(own), 3)},
            target=TARGET,
            python_alone=round(median(bare), 3),
            torch_imported=imports_torch(case, arguments),
            rounds=len(own),
        )


def seconds(arguments: list[str]) -> float:
    """The wall time of a whole Python process."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=False, capture_output=True)
    return time.perf_counter() - began


def imports_torch(case: str, arguments: list[str]) -> bool:
    """Whether torch is imported; stops when the command does not answer as it should."""
    command = [sys.executable, "-X", "importtime", "-m", "saddlepoint", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    lines = done.stderr.splitlines()
    said = [line for line in lines if not line.startswith("import time:")]
    expected = done.returncode == 0 if case == "help" else done.returncode == 2 and len(said) == 1
    assert expected, f"{case}: exit status {done.returncode}, {said}"
    return any(line.rpartition("|")[2].strip().partition(".")[0] == "torch" for line in lines)


if __name__ == "__main__":
    main()
