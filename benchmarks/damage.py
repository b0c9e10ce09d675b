"""What do a run folder's damages do to the commands?

python benchmarks/damage.py

Every file of a small run damaged in every way that tests/runs/test_damage.py knows, then each command: how many end in
something else than one line or a right answer. The tests themselves try one command for each damage.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from record import keep


def main() -> None:
    tests = Path(__file__).parent.parent / "tests" / "runs" / "test_damage.py"
    told = [sys.executable, "-m", "pytest", "-n", str(len(os.sched_getaffinity(0))), str(tests)]
    done = subprocess.run(told, capture_output=True, text=True, env=os.environ | {"SADDLEPOINT_THOROUGH": "1"})
    counts = {what: int(count) for count, what in re.findall(r"(\d+) (passed|failed)", done.stdout)}
    if not counts:
        raise SystemExit(done.stdout + done.stderr)
    keep("damage", target=0, cases=sum(counts.values()), wrong=counts.get("failed", 0))
    print("\n".join(line for line in done.stdout.splitlines() if line.startswith("FAILED")))


if __name__ == "__main__":
    main()
