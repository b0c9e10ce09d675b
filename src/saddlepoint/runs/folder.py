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
from typing import Any

import tomli_w

from saddlepoint.errors import BadRun
from saddlepoint.runs.config import FORMAT

_SUFFIX = ".safetensors"


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

    def forget_after(self, step: int) -> None:
        """Drop every logged line, picture and (damaged) checkpoint of a later step, as if the run had stopped there."""
        for name in ("scalars", "events", "scores"):
            if (self.path / f"{name}.jsonl").exists():
                self.write(name, [line for line in self.lines(name) if line["step"] <= step])
        for file in (*(self.path / "samples").glob("[0-9]*"), *(self.path / "checkpoints").glob("[0-9]*")):
            if int(file.stem) > step:
                file.unlink()

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
        """Whether the run was trained and judged to its end."""
        steps, settings = self.checkpoints(), self.config()["run"]
        trained = bool(steps) and steps[-1] >= settings["steps"]
        judged = bool(self.lines("scores")) or not settings["judge"]
        return trained and judged and (self.path / "report.html").exists()

    def save(self, step: int, tensors: Mapping[str, Any], config: Mapping[str, Any], keep: int) -> None:
        """Write a checkpoint and forget all but the last `keep`."""
        from safetensors.torch import save_file

        told = {"format": str(FORMAT), "step": str(step), "config": json.dumps(config)}
        self.replace(_name(step), lambda file: save_file(dict(tensors), file, metadata=told))
        for old in self.checkpoints()[:-keep]:
            (self.path / _name(old)).unlink(missing_ok=True)

    def restore(self, say: Callable[[str], None]) -> tuple[int, dict[str, Any], dict[str, Any]]:
        """The newest whole checkpoint: its step, its tensors, and the configuration it was written under.

        A damaged one is passed over for the one before, which `say` is told; raises `BadRun` when none is whole.
        """
        from safetensors import SafetensorError, safe_open

        for step in reversed(self.checkpoints()):
            try:
                with safe_open(self.path / _name(step), framework="pt") as file:
                    told = file.metadata() or {}
                    tensors = {name: file.get_tensor(name) for name in file.offset_keys()}
                    return int(told["step"]), tensors, json.loads(told["config"])
            except (SafetensorError, KeyError, ValueError, OSError) as error:
                say(f"{self.path / _name(step)} is damaged ({_first(error)}); falling back to the checkpoint before")
        raise BadRun(f"{self.path} has no checkpoint that can be read; start the run anew with its config.toml")


def _first(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def line_of(record: Mapping[str, Any]) -> str:
    """A record as a line of JSON; a number that is not finite becomes null."""
    plain = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in record.items()}
    return json.dumps(plain) + "\n"


def _name(step: int) -> str:
    return f"checkpoints/{step:09d}{_SUFFIX}"


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
