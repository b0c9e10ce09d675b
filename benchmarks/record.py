"""What every benchmark shares: where results are kept, and what they are stamped with."""

from __future__ import annotations

import json
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

RESULTS = Path(__file__).parent / "results"


def machine() -> str:
    """The processor, its cores, and the torch that ran on it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    return f"{named[0] if named else platform.processor()}, {len(named) or 1} cores{gpu}, torch {torch.__version__}"


def keep(question: str, **result: Any) -> None:
    """Print a result and append it to results/QUESTION.jsonl, with the date, the machine and the command."""
    stamp = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "command": " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *map(_elsewhere, sys.argv[1:])]),
    }
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{question}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({**result, **stamp}) + "\n")
    print(json.dumps(result), flush=True)


def _elsewhere(word: str) -> str:
    """A word of a command as any machine may say it: of a whole path its last part."""
    return Path(word).name if Path(word).is_absolute() else word


def kept(question: str) -> list[dict[str, Any]]:
    """The results of a question so far."""
    file = RESULTS / f"{question}.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
