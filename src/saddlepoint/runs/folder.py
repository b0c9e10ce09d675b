"""The run folder: the interface between training, judging and reporting. A crashed run is still a valid folder.

config.toml, environment.json, data.json, scalars.jsonl, events.jsonl, scores.jsonl, samples/, checkpoints/.
Files appear whole or not at all: each is written under another name, synced, and renamed.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import tomli_w

from saddlepoint.errors import BadRun
from saddlepoint.runs.config import FORMAT

_SUFFIX = ".safetensors"
BEST = "best"


class Checkpoint(NamedTuple):
    """A run at a step: all tensors, the configuration it was written under, and what the watchdog changed since."""

    step: int
    tensors: Mapping[str, Any]
    config: Mapping[str, Any]
    course: Mapping[str, Any]


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

        It appears in one instant, with everything in it. Raises `BadRun` when the folder is taken or cannot be written.
        """
        path = Path(path)
        if path.is_file() or (path.is_dir() and any(path.iterdir())):
            raise BadRun(f"{path} exists already; go on with `saddle resume {path}`, or choose another --out")
        building = path.with_name(f".{path.name}.{os.getpid()}")
        with _writing(path):
            building.mkdir(parents=True)
            try:
                (building / "checkpoints").mkdir()
                (building / "samples").mkdir()
                (building / "config.toml").write_text(tomli_w.dumps(config), encoding="utf-8")
                for name, table in tables.items():
                    (building / f"{name}.json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
                fill(cls(building))
                os.replace(building, path)
            finally:
                shutil.rmtree(building, ignore_errors=True)
        return cls(path)

    def config(self) -> dict[str, Any]:
        """The configuration; raises `BadRun` when this is no run folder, or one of another version."""
        file = self.path / "config.toml"
        try:
            config = tomllib.loads(file.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise BadRun(f"{self.path} is no run folder: it has no config.toml") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadRun(f"{file} is not valid TOML: {error}") from None
        if config.get("format") != FORMAT:
            raise BadRun(
                f"{self.path} is a run folder of format {config.get('format', 'unknown')}, this saddlepoint reads "
                f"format {FORMAT}; use the version that made it (environment.json names it)"
            )
        return config

    def table(self, name: str) -> dict[str, Any]:
        """One of the JSON files made with the folder."""
        file = self.path / f"{name}.json"
        try:
            found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise BadRun(f"{file} is missing or damaged; without it the run cannot be read") from None
        return found

    def append(self, name: str, record: Mapping[str, Any]) -> None:
        """Add a line to `name`.jsonl; a number that is not finite becomes null."""
        file = self.path / f"{name}.jsonl"
        with _writing(file), file.open("a", encoding="utf-8") as lines:
            lines.write(line_of(record))

    def write(self, name: str, records: Iterable[Mapping[str, Any]]) -> None:
        """Make these records all the lines of `name`.jsonl, in one instant."""
        text = "".join(map(line_of, records))
        self.replace(f"{name}.jsonl", partial(Path.write_text, data=text, encoding="utf-8"))

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The whole lines of `name`.jsonl; a last line that a crash cut short is left out."""
        file = self.path / f"{name}.jsonl"
        if not file.exists():
            return []
        whole = file.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in whole if line.endswith("\n")]

    def forget_after(self, step: int, attempt: int = 0) -> None:
        """Drop every logged line, picture and (damaged) checkpoint of a later step, as if the run had stopped there.

        Events of attempts before this one stay.
        """
        # Checkpoints go first, the newest before the others: whenever this is cut short, what is left is a run.
        for later in sorted((x for x in self.checkpoints() if x > step), reverse=True):
            (self.path / _file(later)).unlink()
        best = self.best(lambda line: None)
        if best is None or best.step > step:
            (self.path / _file(BEST)).unlink(missing_ok=True)
        for file in (self.path / "samples").glob("[0-9]*"):
            if int(file.stem) > step:
                file.unlink()
        for name in ("scalars", "events", "scores"):
            if (self.path / f"{name}.jsonl").exists():
                lines = self.lines(name)
                self.write(name, [x for x in lines if x["step"] <= step or x.get("attempt", attempt) < attempt])

    def replace(self, name: str, write: Callable[[Path], Any]) -> Path:
        """Have `write` make the file `name` under another name, then put it in place in one instant."""
        file = self.path / name
        unfinished = file.with_name(f".{file.name}.tmp{file.suffix}")
        with _writing(file):
            try:
                write(unfinished)
                with unfinished.open("rb") as written:
                    os.fsync(written.fileno())
                os.replace(unfinished, file)
                _sync(file.parent)
            finally:
                unfinished.unlink(missing_ok=True)
        return file

    def checkpoints(self) -> list[int]:
        """The steps of the checkpoints there are, oldest first."""
        return sorted(int(file.stem) for file in (self.path / "checkpoints").glob(f"[0-9]*{_SUFFIX}"))

    def is_complete(self) -> bool:
        """Whether the run was trained and judged to its end, or to where the watchdog stopped it."""
        steps, settings = self.checkpoints(), self.config()["run"]
        trained = bool(steps) and (steps[-1] >= settings["steps"] or self.stopped())
        judged = bool(self.lines("scores")) or not settings["judge"]
        return trained and judged and (self.path / "report.html").exists()

    def stopped(self) -> bool:
        """Whether the watchdog has stopped the run for good."""
        return any(event.get("did") == "stop" for event in self.lines("events"))

    def save(self, checkpoint: Checkpoint, name: str | None = None) -> None:
        """Write a checkpoint, under its step or another name."""
        from safetensors.torch import save_file

        told = {"config": json.dumps(checkpoint.config), "course": json.dumps(checkpoint.course)}
        told |= {"format": str(FORMAT), "step": str(checkpoint.step)}
        self.replace(
            _file(name or checkpoint.step), lambda file: save_file(dict(checkpoint.tensors), file, metadata=told)
        )

    def keep(self, count: int, every: int) -> None:
        """Forget all numbered checkpoints but the newest and the last `count` that were due, `every` so often."""
        steps = self.checkpoints()
        kept = {*[step for step in steps if step % every == 0][-count:], *steps[-1:]}
        for old in set(steps) - kept:
            (self.path / _file(old)).unlink(missing_ok=True)

    def newest(self, say: Callable[[str], None]) -> Checkpoint:
        """The newest whole checkpoint.

        A damaged one is passed over for the one before, which `say` is told; raises `BadRun` when none is whole.
        """
        for step in reversed(self.checkpoints()):
            try:
                return self._read(step)
            except _Damaged as error:
                say(f"{self.path / _file(step)} is damaged ({error}); falling back to the checkpoint before")
        raise BadRun(f"{self.path} has no checkpoint that can be read; start the run anew with its config.toml")

    def best(self, say: Callable[[str], None]) -> Checkpoint | None:
        """What the watchdog found best; None where there is none, or a damaged one, of which `say` is told."""
        if not (self.path / _file(BEST)).exists():
            return None
        try:
            return self._read(BEST)
        except _Damaged as error:
            say(f"{self.path / _file(BEST)} is damaged ({error}); taking the newest checkpoint")
            return None

    def at(self, step: int) -> Checkpoint:
        """The checkpoint of a step; raises `BadRun`, naming those there are, where it cannot be read."""
        try:
            return self._read(step)
        except _Damaged:
            there = ", ".join(map(str, self.checkpoints())) or "none"
            raise BadRun(f"{self.path} has no sound checkpoint of step {step}; there are: {there}") from None

    def _read(self, name: int | str) -> Checkpoint:
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.path / _file(name), framework="pt") as file:
                told = file.metadata() or {}
                tensors = {key: file.get_tensor(key) for key in file.offset_keys()}
                course = json.loads(told.get("course", "{}"))
                return Checkpoint(int(told["step"]), tensors, json.loads(told["config"]), course)
        except (SafetensorError, KeyError, ValueError, OSError) as error:
            raise _Damaged(str(error).splitlines()[0] if str(error) else type(error).__name__) from error


class _Damaged(Exception):
    """A checkpoint that cannot be read, and why."""


def line_of(record: Mapping[str, Any]) -> str:
    """A record as a line of JSON; a number that is not finite becomes null."""
    return json.dumps(_plain(record)) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _file(name: int | str) -> str:
    return f"checkpoints/{name:09d}{_SUFFIX}" if isinstance(name, int) else f"checkpoints/{name}{_SUFFIX}"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    """Turn what the disk refuses into one line that names the file."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadRun(
            f"{file} cannot be written: {reason}; what was saved before stands, `saddle resume` goes on from it"
        ) from error
