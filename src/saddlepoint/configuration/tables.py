"""The configuration of a run: what the user said, completed by a recipe and by defaults, all written out.

A configuration is a table of tables, as in TOML: one for each part ([data], [game], [objective] ...) with its `name`
and options, [regularizer.NAME] for each regularizer, [optimizer.PLAYER] for what differs for one player, [run] and
[watch]; [model] for a part that is a run.
Nothing here imports torch, so that what is misspelt is refused at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from saddlepoint import data, games, networks, objectives, optimizers, priors, regularizers, tasks
from saddlepoint.catalogue import Entry, Shelf, importing_nothing
from saddlepoint.configuration import recipes, settings, trained
from saddlepoint.data._files import there
from saddlepoint.errors import BadData, BadOption, BadRun, unknown
from saddlepoint.option import Option
from saddlepoint.schedule import times

FORMAT = 1
# Before the name of a thing that was made in Python and has no import path.
PYTHON = "python:"

PARTS: dict[str, Shelf] = {
    "data": data.shelf,
    "game": games.shelf,
    "objective": objectives.shelf,
    "network": networks.shelf,
    "prior": priors.shelf,
    "optimizer": optimizers.shelf,
    "task": tasks.shelf,
}
_DEFAULT_GAME = "gan"
# What is said so often that it has a name of its own.
_SHORT = {name: f"run.{name}" for name in ("steps", "batch", "seed", "device", "log")}
Table = dict[str, Any]


def told(pairs: Sequence[tuple[str, Any]]) -> Table:
    """The configuration that dotted names and values spell: ("objective.weight", "1") and the like.

    A part's bare name chooses it ("objective", "hinge"); `regularizer` may name several, by commas. Every name and
    option that can be checked without the data is checked here.
    """
    config: Table = {}
    for short, value in pairs:
        path = _SHORT.get(short, short)
        section, *rest = path.split(".")
        if section == "regularizer" and not rest:
            for name in value.split(","):
                config.setdefault("regularizer", {}).setdefault(name, {})
            continue
        if section in PARTS and not rest:
            rest = ["name"]
        if section == trained.PART:
            rest = rest or [trained.RUN]
        _known_section(section)
        if not rest:
            raise BadOption(f"--{section} needs an option: --{section}.OPTION VALUE")
        if len(rest) > (2 if section in ("optimizer", "regularizer") else 1):
            raise BadOption(f"--{path} goes too deep; wanted --TABLE.OPTION VALUE")
        table = config.setdefault(section, {})
        for key in rest[:-1]:
            table = table.setdefault(key, {})
            if key == "name" or not isinstance(table, dict):
                raise BadOption(f"--{path}: {section}.{key} is an option itself and has none below it")
        table[rest[-1]] = value
    _check_names(config)
    return config


def completed(
    said: Mapping[str, Table], kinds: Sequence[str], recipe: str | None, like: Mapping[str, Any] | None = None
) -> Table:
    """`said` over its recipe over defaults: every option that counts, checked, in a fixed order.

    `kinds` says what the data is, the most special first; `said["data"]` is complete already. The configuration of
    another run to be `like` takes the place of a recipe that is not named.
    """
    if like and recipe is None:
        return _full(recipes.over(said, recipes.of_run(like)), like["recipe"], said)
    name = recipe or recipes.chosen(kinds, _wanted(said))
    return _full(recipes.over(said, recipes.tables(name)), name, said)


def task_of(said: Mapping[str, Table], recipe: str | None, like: Mapping[str, Any] | None = None) -> Table | None:
    """The [task] table that was `said`, over that of a recipe that was named or of a run to be `like`; None for none.

    The data is seen through it before a recipe is chosen.
    """
    base = recipes.tables(recipe) if recipe else recipes.of_run(like) if like else {}
    told = {name: table for name, table in said.items() if name == "task"}
    merged = recipes.over(told, base).get("task")
    return None if merged is None else _complete_task(merged)


def model_of(said: Mapping[str, Table], recipe: str | None) -> str | None:
    """The folder of the run whose model is to be a part, as it was `said` or as a recipe in a file says; or None."""
    base = recipes.tables(recipe) if recipe else {}
    return said.get(trained.PART, base.get(trained.PART, {})).get(trained.RUN)


def wants_model(recipe: str) -> bool:
    """Whether a recipe is for a game that wants a run's model, which it does not name itself."""
    tables = recipes.tables(recipe)
    game = tables.get("game", {}).get("name", _DEFAULT_GAME)
    return trained.PART in games.shelf.entry(game).parts and trained.PART not in tables


def of_game(config: Mapping[str, Any]) -> Table:
    """The tables of a configuration that its game is built from."""
    return {name: config[name] for name in (*_OF_A_GAME, "regularizer", trained.PART) if name in config}


_OF_A_GAME = ("game", "objective", "network", "prior")


def changed(config: Mapping[str, Any], change: Mapping[str, Table]) -> Table:
    """A run's whole configuration with the tables of `change` put over it, checked as a new one is."""
    if trained.PART in change:
        raise BadOption("a run keeps its model; start another one: saddle train DATA --from RUN --model ANOTHER")
    base = {name: table for name, table in config.items() if isinstance(table, Mapping)}
    full = _full(recipes.over(change, base), config["recipe"], change)
    data = full["data"]
    full["data"] = complete_data(data["name"], data.get("path"), {k: v for k, v in data.items() if k not in _PLACE})
    return full | ({"from": config["from"]} if "from" in config else {})


_PLACE = ("name", "path")


def _full(base: Mapping[str, Any], recipe: str, said: Mapping[str, Table]) -> Table:
    refuse_strange_tables(base)
    full: Table = {"format": FORMAT, "recipe": recipe, "data": base["data"]}
    full |= {name: settings.completed(base.get(name, {}), name) for name in settings.ENTRIES}
    if "task" in base:
        full["task"] = _complete_task(base["task"])
    game = games.shelf.entry(base.get("game", {}).get("name", _DEFAULT_GAME))
    for part in ("game", *game.parts, "optimizer"):
        if part in PARTS:
            full[part] = _complete_part(part, base.get(part, {}))
    if "objective" in game.parts:
        full["regularizer"] = {
            one: regularizers.shelf.entry(one).complete(options, "regularizer")
            for one, options in base.get("regularizer", {}).items()
        }
    if trained.PART in game.parts:
        full[trained.PART] = trained.complete(game, base.get(trained.PART))
    for section in said:
        if section not in full:
            others = f"; of a run's model there is {_with_model()}" if section == trained.PART else ""
            raise BadOption(f"game {game.name!r} takes no {section}; it takes {', '.join(game.parts)}{others}")
    return full


def _with_model() -> str:
    shelf = games.shelf
    return ", ".join(f"--game {name}" for name in shelf.names() if trained.PART in shelf.entry(name).parts)


def refuse_unsound(config: Mapping[str, Any]) -> None:
    """Raises `BadOption`, `UnknownName` for a configuration, read from a file, that is cut short or not of this house.

    What it names by import path is not imported, so the options of that stay unchecked.
    """
    # What is watched was not written down once.
    config = {"watch": {}, **config}
    _refuse_misshapen(config)
    with importing_nothing():
        for name in settings.ENTRIES:
            settings.completed(config[name], name)
        for part in PARTS:
            _refuse_unsound_part(part, config)
        _refuse_unsound_regularizers(config)
        _refuse_unsound_model(config)


def _refuse_unsound_regularizers(config: Mapping[str, Any]) -> None:
    for name, options in config.get("regularizer", {}).items():
        if not _foreign(name):
            regularizers.shelf.entry(name).complete(options, "regularizer")


def _refuse_unsound_model(config: Mapping[str, Any]) -> None:
    """What is told of a part that is a run: the tables that its game is built from, and theirs."""
    game = config["game"].get("name", "")
    if not _foreign(game) and trained.PART in games.shelf.entry(game).parts:
        _table(config, trained.PART)
    if trained.PART in config:
        model = _table(config, trained.PART)
        for section in ("game", "spec"):
            _table(model, section)
        refuse_strange_tables(of_game(model))
        for part in _OF_A_GAME:
            _refuse_unsound_part(part, model)
        _refuse_unsound_regularizers(model)
        _refuse_unsound_model(model)


def _refuse_misshapen(config: Mapping[str, Any]) -> None:
    refuse_strange_tables(config)
    if not isinstance(config.get("recipe"), str):
        raise BadOption("it does not name its recipe")
    for section in (*settings.ENTRIES, "data", "game"):
        _table(config, section)


def refuse_strange_tables(config: Mapping[str, Any]) -> None:
    """Raises `BadOption` for a table that no configuration has, and for one that is none."""
    known = {"format", "recipe", *_TABLES}
    for section, table in config.items():
        if section not in known:
            raise BadOption(unknown("table", section, known))
        if section in _TABLES:
            _table(config, section)
        if section == "regularizer":
            for name in table:
                _table(table, name)
    for path, value in _flat(config):
        if path.rpartition(".")[2] == "name" and not isinstance(value, str):
            raise BadOption(f"{path}: wanted a name, got {value!r}")


_TABLES = ("from", *PARTS, "regularizer", trained.PART, *settings.ENTRIES)


def _refuse_unsound_part(part: str, config: Mapping[str, Any]) -> None:
    """What a part is told, unless it is named by import path; that a game's parts are there."""
    game = config["game"].get("name", "")
    wanted = not _foreign(game) and part in ("optimizer", *PARTS["game"].entry(game).parts)
    if part not in config and not wanted:
        return
    table = _table(config, part)
    if "name" not in table:
        raise BadOption(f"[{part}] has no name")
    if _foreign(table["name"]):
        return
    if part == "optimizer":
        own = {key: value for key, value in table.items() if not (isinstance(value, dict) and _names_code(value))}
        _complete_part(part, own)
    else:
        place = ("name", "path") if part == "data" else ("name",)
        options = {key: value for key, value in table.items() if key not in place}
        PARTS[part].entry(table["name"]).complete(options, part)


def _names_code(table: Mapping[str, Any]) -> bool:
    return _foreign(str(table.get("name", "")))


def _table(config: Mapping[str, Any], section: str) -> Table:
    """A table of a configuration, or of a table of one; raises `BadOption` where there is none."""
    if not isinstance(config.get(section), dict):
        raise BadOption(f"there is no table [{section}]")
    return config[section]


def refuse_recipe(name: str, trust: bool) -> None:
    """Raises `BadOption`, `BadRun`, `UnknownName` for a recipe that is none, or names code that is not trusted."""
    tables = recipes.tables(name)
    refuse_strange_tables(tables)
    refuse_foreign(tables, name, trust)


def refuse_foreign(config: Mapping[str, Any], where: object, trust: bool) -> None:
    """Raises `BadRun` for a configuration, found `where`, that names code not saddlepoint's own, unless trusted."""
    names = foreign_names(config)
    if any(name.startswith(PYTHON) for name in names):
        raise BadRun(
            f"{where} was made in Python of things that no name leads to; go on there: saddlepoint.load(folder, "
            "game=...) and record(..., go_on=True)"
        )
    if names and not trust:
        raise BadRun(
            f"{where} names code that is not saddlepoint's own, {', '.join(names)}, which would be imported and run; "
            "if you know who wrote it say --trust (in Python trust=True)"
        )


def foreign_names(config: Mapping[str, Any]) -> list[str]:
    """The import paths that a configuration names."""
    names = [name for table in config.values() if isinstance(table, Mapping) for name in names_in(table).values()]
    regularized, model = (config.get(part) for part in ("regularizer", trained.PART))
    keys = regularized if isinstance(regularized, Mapping) else ()
    below = foreign_names(model) if isinstance(model, Mapping) else []
    return list(dict.fromkeys([*(name for name in (*names, *keys) if _foreign(name)), *below]))


def names_in(table: Mapping[str, Any]) -> dict[str, str]:
    """The names that a configuration's table and the tables in it have, by the path of each."""
    return {key: str(value) for key, value in _flat(table) if key.rpartition(".")[2] == "name"}


def _foreign(name: str) -> bool:
    return ":" in name


def stricter(config: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """The configuration with penalties so many times as heavy: the weights of its regularizers and its objective.

    Raises `BadOption` where there is none to raise.
    """
    if factor == 1:
        return dict(config)
    made = {section: dict(table) if isinstance(table, Mapping) else table for section, table in config.items()}
    made["regularizer"] = {name: dict(table) for name, table in config.get("regularizer", {}).items()}
    weighty = [table for table in (made.get("objective", {}), *made["regularizer"].values()) if "weight" in table]
    if not weighty:
        raise BadOption("watch.action raise_penalties: this run has no penalty; add one, such as --regularizer r1")
    for table in weighty:
        table["weight"] = times(factor, table["weight"])
    return made


def complete_data(name: str, path: str | None, options: Mapping[str, Any]) -> Table:
    """The [data] table of a source: its name, its path where it reads one, and all its options."""
    entry = data.shelf.entry(name)
    where = {} if path is None else {"path": path}
    return _writable({"name": name, **where, **entry.complete(options, "data")})


def _complete_task(given: Mapping[str, Any]) -> Table:
    """The [task] table with all its options; the files they name by their whole paths, as that of the data."""
    table = _complete_part("task", given)
    options = PARTS["task"].entry(table["name"]).options
    return _writable({name: _placed(options.get(name), value) for name, value in table.items()})


def _placed(option: Option | None, value: Any) -> Any:
    """An option's value; of a text that is no choice but the path of a file that is there, the whole path."""
    names_file = option and isinstance(value, str) and value not in option.choices and there(value)
    return str(Path(value).expanduser().resolve()) if names_file else value


def _writable(table: Table) -> Table:
    """The table; raises `BadData` for a path that cannot be written into a configuration."""
    for text in (text for text in table.values() if isinstance(text, str)):
        if text != text.encode("utf-8", "ignore").decode():
            raise BadData(f"{text!a}: the name holds bytes that are no UTF-8; rename it")
    return table


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two tables, a phrase each: `objective.weight 0.1 -> 1.0`."""
    old, new = dict(_flat(before)), dict(_flat(now))
    return [
        f"{key} {old.get(key, 'absent')} -> {new.get(key, 'absent')}"
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", list(value) if isinstance(value, tuple) else value


def _known_section(section: str) -> None:
    known = [*PARTS, "regularizer", trained.PART, *settings.ENTRIES]
    if section not in known:
        raise BadOption(unknown("option", f"--{section}", [f"--{name}" for name in known]))


def _check_names(config: Table) -> None:
    for part, shelf in PARTS.items():
        table = config.get(part, {})
        options = {k: v for k, v in table.items() if k != "name" and not isinstance(v, dict)}
        if "name" in table:
            shelf.entry(table["name"]).complete(options, part)
            continue
        for option, value in options.items():
            _check_for_any(shelf, option, value)
    for name, options in config.get("regularizer", {}).items():
        if not isinstance(options, dict):
            raise BadOption(f"--regularizer.{name} needs an option: --regularizer.{name}.OPTION VALUE")
        regularizers.shelf.entry(name).complete(options, "regularizer")
    for name in settings.ENTRIES:
        settings.completed(config.get(name, {}), name)
    trained.check(config.get(trained.PART, {}))


def _check_for_any(shelf: Shelf, option: str, value: Any) -> None:
    """Refuse an option that nothing on the shelf has, or whose value nothing takes: which it will be is not known."""
    entries = [shelf.entry(name) for name in shelf.names()]
    owners = [entry.options[option] for entry in entries if option in entry.options]
    if not owners:
        raise BadOption(unknown(f"option of {shelf.kind}", option, {name for one in entries for name in one.options}))
    if not any(owner.takes(value) for owner in owners):
        owners[0].take(value, f"{shelf.kind}.{option}")


def _wanted(said: Mapping[str, Table]) -> str | None:
    """What the recipe should be for: a game of its own kind, else the objective of the usual one."""
    game, objective = (said.get(part, {}).get("name") for part in ("game", "objective"))
    return objective if game == _DEFAULT_GAME and objective else game or objective


def _complete_part(part: str, given: Mapping[str, Any]) -> Table:
    if "name" not in given:
        raise BadOption(f"--{part} is needed; there are: {', '.join(PARTS[part].names())}")
    entry = PARTS[part].entry(given["name"])
    if part != "optimizer":
        return {"name": entry.name, **entry.complete({k: v for k, v in given.items() if k != "name"}, part)}
    common = {k: v for k, v in given.items() if k != "name" and not isinstance(v, dict)}
    players = {k: v for k, v in given.items() if isinstance(v, dict)}
    for player, options in players.items():
        players[player] = _for_player(entry, player, options)
    return {"name": entry.name, **entry.complete(common, part), **players}


def _for_player(common: Entry, player: str, told: Mapping[str, Any]) -> Table:
    """What differs for one player: options of the common optimizer, or another optimizer with all of its own."""
    options = {key: value for key, value in told.items() if key != "name"}
    where = f"optimizer.{player}"
    entry = PARTS["optimizer"].entry(told.get("name", common.name))
    full = entry.complete(options, where)
    if entry.name != common.name:
        return {"name": entry.name, **full}
    return {key: full[key] for key in options}
