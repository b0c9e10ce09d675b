"""What a run is made with and on, written down when it begins and compared when it goes on."""

from __future__ import annotations

import json
import platform
import shlex
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from saddlepoint.configuration.tables import differences
from saddlepoint.errors import BadRun
from saddlepoint.source import Source


def environment() -> dict[str, Any]:
    """When, by which command, on which machine and with which packages."""
    packages = ("saddlepoint", "torch", "numpy", "scikit-learn", "safetensors", "pillow")
    return {
        "begun": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": sys.argv[1:],
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "packages": {name: version(name) for name in packages},
    }


def description(source: Source) -> dict[str, Any]:
    """What a source holds, and the way back to its own units, as it comes back from a file."""
    told = {"spec": source.spec.as_dict(), "units": source.units.as_dict(), "content": source.fingerprint()}
    plain: dict[str, Any] = json.loads(json.dumps(told))
    return plain


def refuse_another_configuration(path: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raises `BadRun` with what differs between two configurations of the run at `path`, and how to change it."""
    if changed := differences(before, now):
        options = [f"--{change.partition(' ')[0]} {shlex.quote(change.rpartition(' -> ')[2])}" for change in changed]
        raise BadRun(
            f"{path}: the configuration has changed since the last checkpoint: {'; '.join(changed)}; put it back to "
            f"resume, or change it on purpose: saddle resume {path} {' '.join(options)}"
        )


def refuse_other_data(path: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raises `BadRun` with what differs between two descriptions of the data of the run at `path`."""
    if changed := differences(before, now):
        raise BadRun(
            f"{path}: the data has changed since the last checkpoint: {'; '.join(changed)}; put it back, say where it "
            "lies now (resume --data PATH), judge against it all the same (judge --against PATH), or start a new run "
            f"from these weights: saddle train DATA --from {path}"
        )
