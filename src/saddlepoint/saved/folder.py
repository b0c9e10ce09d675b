"""The run folder: the interface between training, judging and reporting. A crashed run is still a valid folder.

config.toml, environment.json, data.json, scalars.jsonl, events.jsonl, scores.jsonl, samples/, checkpoints/.
Files appear whole or not at all: each is written under another name, synced, and renamed.
"""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shutil
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import tomli_w

from saddlepoint.configuration import tables
from saddlepoint.configuration.tables import FORMAT
from saddlepoint.errors import BadOption, BadRun, SaddlepointError
from saddlepoint.saved.checkpoint import Checkpoint, Damaged
from saddlepoint.saved.log import KINDS, LOGS, Record, line_of, records_in
from saddlepoint.saved.storage import append, replace, sync, text_of, writing

_SUFFIX = ".safetensors"
_CONFIG = "config.toml"
_NUMBERED = re.compile(r"\d{9,}")
BEST = "best"


class Taken(BadRun):
    """A folder that holds something already."""


class RunFolder:
    """A run's folder at `path`; nothing is read or written until asked for."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @classmethod
    def create(
        cls,
        path: str | Path,
        config: Mapping[str, Any],
        fill: Callable[[RunFolder], None],
        **tables: Mapping[str, Any],
    ) -> RunFolder:
        """A new folder with its configuration, one JSON file for each of `tables`, and what `fill` puts into it.

        It appears in one instant, with everything in it. Raises `Taken` when there is something already, `BadRun` when
        it cannot be written.
        """
        made = cls(path)
        place = Path(os.path.abspath(path))
        building = place.parent / f".{place.name[:40]}.{secrets.token_hex(4)}"
        if not _is_text(place):
            raise BadRun(f"{path}: the name is no UTF-8 text, which not everything here can read; choose another --out")
        with writing(made.path):
            made._refuse_taken()
            building.mkdir(parents=True)
            try:
                (building / "checkpoints").mkdir()
                (building / "samples").mkdir()
                for name, table in tables.items():
                    (building / f"{name}.json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
                fill(cls(building))
                (building / _CONFIG).write_text(tomli_w.dumps(config), encoding="utf-8")
                made._appear(building, place)
            finally:
                shutil.rmtree(building, ignore_errors=True)
        return made

    def _refuse_taken(self) -> None:
        if self.path.is_file() or (self.path.is_dir() and any(self.path.iterdir())):
            go_on = f"go on with `saddle resume {self.path}` (longer: --steps), or " if self.is_run() else ""
            raise Taken(f"{self.path} exists already; {go_on}choose another --out")

    def _appear(self, building: Path, place: Path) -> None:
        """Put what was built in its place; whoever comes second finds it taken."""
        try:
            if place != Path.cwd():
                os.replace(building, place)
                return
            # Somebody stands in it, so it must stay; the configuration, which makes it a run, comes last.
            for child in sorted(building.iterdir(), key=lambda child: (child.name == _CONFIG, child.name)):
                os.rename(child, place / child.name)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                self._refuse_taken()
            raise

    def is_run(self) -> bool:
        """Whether it holds a run."""
        try:
            return (self.path / _CONFIG).exists()
        except OSError:
            return False

    def refuse_own(self, out: str | Path) -> None:
        """Raises `BadOption` for an output that is one of this run's own files."""
        own = {_CONFIG, "data.json", "environment.json", *(f"{name}.jsonl" for name in LOGS)}
        if self.is_run() and Path(out).name in own and Path(out).resolve().parent == self.path.resolve():
            raise BadOption(f"-o {out}: is what the run keeps of itself; take another file")

    def config(self) -> dict[str, Any]:
        """The configuration; raises `BadRun` when this is no run folder, one of another version, or one cut short."""
        file = self.path / _CONFIG
        if not file.exists():
            raise BadRun(f"{self.path} is no run folder: it has no {_CONFIG}")
        try:
            config = tomllib.loads(text_of(file, _MOST_TABLE))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise BadRun(f"{file} is not valid TOML: {error}") from None
        if config.get("format") != FORMAT:
            raise BadRun(
                f"{self.path} is a run folder of format {config.get('format', 'unknown')}, this saddlepoint reads "
                f"format {FORMAT}; use the version that made it (environment.json names it)"
            )
        self._refuse_unsound(config)
        return config

    def configure(self, config: Mapping[str, Any]) -> None:
        """Write another configuration down."""
        self.replace(_CONFIG, partial(Path.write_text, data=tomli_w.dumps(config), encoding="utf-8"))

    def _refuse_unsound(self, config: Mapping[str, Any]) -> None:
        try:
            tables.refuse_unsound(config)
        except SaddlepointError as error:
            raise BadRun(f"{self.path / _CONFIG} is not as it was written: {error}; put it back as it was") from None

    def trusted(self, config: Mapping[str, Any], *, trust: bool) -> Mapping[str, Any]:
        """A configuration out of this folder or one of its checkpoints, from which things may be built.

        Raises `BadRun` for one that names code which is not saddlepoint's own, unless that is trusted.
        """
        tables.refuse_foreign(config, self.path, trust)
        self._refuse_unsound(config)
        return config

    def table(self, name: str) -> dict[str, Any]:
        """One of the JSON files made with the folder."""
        file = self.path / f"{name}.json"
        try:
            found = json.loads(text_of(file, _MOST_TABLE))
        except (BadRun, ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise BadRun(f"{file} is missing or damaged; without it the run cannot be read")
        return found

    def append(self, name: str, record: Mapping[str, Any]) -> None:
        """Add a line to `name`.jsonl; a number that is not finite becomes null."""
        append(self._log(name), line_of(record))

    def write(self, name: str, records: Iterable[Mapping[str, Any]]) -> None:
        """Make these records all the lines of `name`.jsonl, in one instant."""
        text = "".join(map(line_of, records))
        replace(self._log(name), partial(Path.write_text, data=text, encoding="utf-8"))

    def lines(self, name: str) -> list[Record]:
        """The whole lines of `name`.jsonl; a last line that a crash cut short is left out.

        Raises `BadRun`, naming file and line, for one that is damaged.
        """
        return records_in(self._log(name), KINDS[name]) if self._log(name).exists() else []

    def _log(self, name: str) -> Path:
        return self.path / f"{name}.jsonl"

    def replace(self, name: str, write: Callable[[Path], Any]) -> None:
        """Have `write` make the file `name` under another name, then put it in place in one instant."""
        # Whoever has thrown the pictures away goes on all the same.
        (self.path / name).parent.mkdir(exist_ok=True)
        replace(self.path / name, write)

    def forget_after(self, step: int, attempt: int = 0) -> None:
        """Drop every logged line, picture and (damaged) checkpoint of a later step, as if the run had stopped there.

        Events of attempts before this one stay. A log that cannot be read stops it before anything is gone.
        """
        logs = {name: self.lines(name) for name in LOGS if self._log(name).exists()}
        # Checkpoints go first, the newest before the others: whenever this is cut short, what is left is a run.
        for later in sorted((x for x in self.checkpoints() if x > step), reverse=True):
            self._checkpoint(later).unlink()
        best = self.best(lambda line: None)
        if (best is None or best.step > step) and not self._checkpoint(BEST).is_dir():
            self._checkpoint(BEST).unlink(missing_ok=True)
        for drawn, file in self.pictures().items():
            if drawn > step:
                file.unlink()
        for name, lines in logs.items():
            kept = [x for x in lines if x.get("step", 0) <= step or x.get("attempt", attempt) < attempt]
            self.write(name, kept)

    def checkpoints(self) -> list[int]:
        """The steps of the checkpoints there are, oldest first."""
        return list(_numbered(self.path / "checkpoints", _SUFFIX))

    def pictures(self) -> dict[int, Path]:
        """The pictures of samples by step, oldest first."""
        return _numbered(self.path / "samples", ".png")

    def is_complete(self) -> bool:
        """Whether the run was trained and judged to its end, or to where the watchdog stopped it."""
        steps, settings = self.checkpoints(), self.config()["run"]
        if not steps or not (steps[-1] >= settings["steps"] or self.stopped()):
            return False
        return (not settings["judge"] or self._is_judged(steps[-1])) and (self.path / "report.html").exists()

    def _is_judged(self, step: int) -> bool:
        """Whether judging came to its end at a step: scores alone may be some of them, or of an earlier one."""
        here = [event for event in self.lines("events") if event["step"] == step]
        marks = [event for event in here if {"judged", "changed"} & event.keys()]
        judged = marks[-1].get("judged") if marks else None
        return judged is not None and any(record.get("step") == judged for record in self.lines("scores"))

    def stopped(self) -> bool:
        """Whether the watchdog has stopped the run, and nobody has changed it since."""
        marks = [event for event in self.lines("events") if event.get("did") == "stop" or "changed" in event]
        return bool(marks) and "changed" not in marks[-1]

    def save(self, checkpoint: Checkpoint, name: str | None = None) -> None:
        """Write a checkpoint, under its step or another name, after all that was logged before it."""
        for log in filter(Path.exists, map(self._log, ("scalars", "events"))):
            sync(log)
        replace(self._checkpoint(name or checkpoint.step), checkpoint.write)

    def keep(self, count: int, every: int) -> None:
        """Forget all numbered checkpoints but the newest and the last `count` that were due, `every` so often."""
        steps = self.checkpoints()
        kept = {*[step for step in steps if step % every == 0][-count:], *steps[-1:]}
        for old in set(steps) - kept:
            self._checkpoint(old).unlink(missing_ok=True)

    def newest(self, say: Callable[[str], None]) -> Checkpoint:
        """The newest whole checkpoint.

        A damaged one is passed over for the one before, which `say` is told; raises `BadRun` when none is whole.
        """
        for step in reversed(self.checkpoints()):
            try:
                return Checkpoint.read(self._checkpoint(step))
            except Damaged as error:
                say(f"{self._checkpoint(step)} is damaged ({error}); falling back to the checkpoint before")
        raise BadRun(f"{self.path} has no checkpoint that can be read; start the run anew with its config.toml")

    def best(self, say: Callable[[str], None]) -> Checkpoint | None:
        """What the watchdog found best; None where there is none, or a damaged one, of which `say` is told."""
        if not self._checkpoint(BEST).exists():
            return None
        try:
            return Checkpoint.read(self._checkpoint(BEST))
        except Damaged as error:
            say(f"{self._checkpoint(BEST)} is damaged ({error}); taking the newest checkpoint")
            return None

    def at(self, step: int) -> Checkpoint:
        """The checkpoint of a step; raises `BadRun`, naming those there are, where it cannot be read."""
        try:
            return Checkpoint.read(self._checkpoint(step))
        except Damaged:
            there = ", ".join(map(str, self.checkpoints())) or "none"
            raise BadRun(f"{self.path} has no sound checkpoint of step {step}; there are: {there}") from None

    def _checkpoint(self, name: int | str) -> Path:
        stem = f"{name:09d}" if isinstance(name, int) else name
        return self.path / "checkpoints" / f"{stem}{_SUFFIX}"


_MOST_TABLE = 2**26


def _is_text(path: Path) -> bool:
    try:
        return bool(str(path).encode())
    except UnicodeEncodeError:
        return False


def _numbered(folder: Path, suffix: str) -> dict[int, Path]:
    """The files of a folder that are called by a step, in their order; copies of them by other names do not count."""
    found = [file for file in folder.glob(f"*{suffix}") if _NUMBERED.fullmatch(file.stem) and file.is_file()]
    return {int(file.stem): file for file in sorted(found, key=lambda file: int(file.stem))}
