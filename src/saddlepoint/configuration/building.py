"""From a configuration to the things it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch.optim import Optimizer

from saddlepoint import game as abilities
from saddlepoint import regularizers
from saddlepoint.catalogue import Entry
from saddlepoint.configuration import trained
from saddlepoint.configuration.specs import spec_in
from saddlepoint.configuration.tables import PARTS, complete_data
from saddlepoint.data._files import there
from saddlepoint.data._open import checked, is_path, named_reader, reader_of
from saddlepoint.errors import BadData, BadOption, SaddlepointError, one_line, unknown
from saddlepoint.forms import form_of
from saddlepoint.game import Game
from saddlepoint.machine.memory import Bounded, allocated, memory
from saddlepoint.seeds import seed_of
from saddlepoint.source import Source
from saddlepoint.spec import Spec
from saddlepoint.task import Derived
from saddlepoint.trained import Trained


def data_table(data: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The [data] table for `data`, a source's name or a path, with these options; `name` is who is to read the path.

    Raises `BadData` for a path where nothing is, and for one that cannot be written into a configuration, and
    `BadOption` for a name that reads no path.
    """
    checked(data)
    name, options = options.get("name"), {key: value for key, value in options.items() if key != "name"}
    if not is_path(data):
        if name not in (None, data):
            raise BadOption(f"data {data!r} is a source itself; --data {name} says who reads a path: leave it out")
        return complete_data(data, None, options)
    reader = named_reader(name) if name else reader_of(data, options)
    return complete_data(reader, str(Path(data).expanduser().resolve()), options)


def source_of(table: Mapping[str, Any], task: Mapping[str, Any] | None = None) -> Source:
    """The source that a [data] table names, seen through what a [task] table names, where there is one."""
    name, options = table["name"], {k: v for k, v in table.items() if k not in ("name", "path")}
    if "path" not in table and "path" in PARTS["data"].entry(name).parts:
        raise BadData(f"data {name!r} has no path: data that was in memory is in no file; save it and give its path")
    where = (table["path"],) if "path" in table else ()
    source: Source = PARTS["data"].build(name, *where, **options)
    if not where and there(name):
        source.notes = (*source.notes, f"{name} is a source's name; for the file or folder {name} here say ./{name}")
    return through(source, task)


def through(source: Source, task: Mapping[str, Any] | None) -> Source:
    """A source seen through what a [task] table names; itself where there is none."""
    if task is None:
        return source
    return Derived(source, PARTS["task"].build(task["name"], source.spec, **_options(task)))


def kinds_of(name: str, source: Source, task: Mapping[str, Any] | None = None) -> list[str]:
    """What data is, for choosing a recipe, the most special first.

    Its task; what is given, given_image, given_text or given_numbers; its name; then plane, vector, domains or image.
    """
    given = source.spec.given
    asked = [*([task["name"]] if task else []), *([form_of(given).given] if given else []), name]
    return [*asked, *(["domains"] if getattr(source, "domains", False) else []), *form_of(source.spec).kinds]


def game_of(config: Mapping[str, Any], spec: Spec) -> Game:
    """The untrained game that a configuration names, for samples of `spec`; a function of the run's seed.

    Raises `BadOption` for parts that do not go together, and where there is not enough memory for them.
    """
    torch.manual_seed(seed_of(config["run"]["seed"], "initial weights"))
    entry = PARTS["game"].entry(config["game"]["name"])
    # Whatever is made of them, a copy is needed too: what is loaded, a gradient, an average.
    with playable(entry.name), allocated(), Bounded(memory(torch.device("cpu")) // 2):
        return _game(entry, config, spec)


def _game(entry: Entry, config: Mapping[str, Any], spec: Spec) -> Game:
    parts = [_part(part, entry, config, spec) for part in entry.parts]
    game: Game = PARTS["game"].build(entry.name, *parts, **_options(config["game"]))
    if config.get("network", {}).get("growth") and not game.grown:
        raise BadOption(f"network.growth: the networks of a {entry.name} do not grow; leave it 0, or take --game gan")
    return game


def _model(wanting: Entry, table: Mapping[str, Any]) -> Trained[Any]:
    """The untrained model that a [model] table tells of; raises `BadOption` where it cannot do what is wanted."""
    spec = spec_in(table["spec"])
    game = _game(PARTS["game"].entry(table["game"]["name"]), table, spec)
    refuse_unable(wanting, game, table)
    return Trained(game, spec)


def ability_of(wanting: Entry) -> type:
    """What a game's model must be able to do; raises `BadOption` for what is no ability."""
    name = trained.ability(wanting) or "Game"
    if not isinstance(able := getattr(abilities, name, None), type):
        raise BadOption(f"game {wanting.name!r} wants a model: Trained[{name}], and {name} is no ability of a game")
    return able


def refuse_unable(wanting: Entry, game: Game, table: Mapping[str, Any]) -> None:
    """Raises `BadOption` where a `game` cannot do what another wants of its model."""
    if not isinstance(game, ability_of(wanting)):
        raise BadOption(
            f"game {wanting.name!r} wants {trained.wanted(wanting)}; got {table[trained.RUN]}, whose game is "
            f"{table['game']['name']}; take a run of another game"
        )


@contextmanager
def playable(game: str) -> Iterator[None]:
    """What torch says of sizes and shapes that do not go together, as a refusal in one line."""
    try:
        yield
    except SaddlepointError:
        raise
    except (RuntimeError, ValueError, IndexError) as error:
        raise BadOption(f"{game} cannot be played with these options on this data: {one_line(error)}") from error


def optimizers_of(config: Mapping[str, Any], game: Game) -> dict[str, Optimizer]:
    """Each player's optimiser."""
    table = config["optimizer"]
    players = {player.name: player for player in game.players()}
    special = {name: options for name, options in table.items() if isinstance(options, Mapping)}
    for name in special:
        if name not in players:
            raise BadOption(unknown("player", name, players))
    common = {k: v for k, v in _options(table).items() if k not in special}
    made = {}
    for name, player in players.items():
        own = dict(special.get(name, {}))
        # Another optimizer has options of its own; the common ones are not for it.
        options = _options(own) if "name" in own else common | own
        made[name] = PARTS["optimizer"].build(own.get("name", table["name"]), **options)(player.parameters())
    return made


def _part(part: str, game: Entry, config: Mapping[str, Any], spec: Spec) -> Any:
    if part == "spec":
        return spec
    if part == trained.PART:
        return _model(game, config[part])
    made = PARTS[part].build(config[part]["name"], **_options(config[part]))
    if part == "objective":
        for name, options in config["regularizer"].items():
            made = regularizers.build(name, **options)(made)
    return made


def _options(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key != "name"}
