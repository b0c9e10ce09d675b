"""What every option, found by discovery, must keep: a value trains, or is refused in one line before there is a folder.

Tried are values that mean no good, each option's choices, and both ends of its range.
"""

import ast
import functools
import math

import pytest
import torch

from saddlepoint import regularizers
from saddlepoint.asking import answers, questions
from saddlepoint.configuration import settings, tables
from saddlepoint.errors import SaddlepointError
from saddlepoint.game import Fits, Scores
from saddlepoint.runs import run as running
from saddlepoint.saved.folder import RunFolder
from saddlepoint.source import Shard

VALUES = [
    *("nan", "inf", "-inf", "-1", "0", "0.5", "1e308", "-1e308", "1e-308", "1e999", str(10**18), str(10**30), "-0.0"),
    *("", " ", "none", "true", "½", "0x10", "1,5", "[1]", "../x", "\x1b[2J", "a" * 5000),
    *("1 to nan over 5", "1 to -1 over 5", "-1 to 1 over 5", "1 to 0 over 0", "1 every 0", f"1 every {10**18}"),
    *(f"1 to 0 over {10**30} every 2", "1e308 to 0 over 5", "0 to 1e6 over 1 cosine every 3"),
]

SHELVES = {**tables.PARTS, "regularizer": regularizers.shelf}
TOYS = [name for name in SHELVES["data"].names() if not SHELVES["data"].entry(name).parts]
# Small enough that a step is a matter of milliseconds; each is said where the option is there and is not the one tried.
SMALL = {
    "run.steps": "2",
    "run.batch": "8",
    "run.judge": "0",
    "run.threads": "1",
    "watch.samples": "16",
    "network": "mlp",
    "network.width": "8",
    "game.latent": "4",
    "game.noise": "2",
    "game.code": "4",
    "game.width": "8",
    "game.transforms": "2",
    "game.importance_samples": "3",
    "optimizer": "adam",
    "objective": "non_saturating",
    "prior": "gaussian",
    "data.size": "8",
}


# What a thing is tried on: the first that it takes.
SETUPS = (
    ("moons", {}),
    ("patches", {"network": "unet"}),
    ("patches", {"network": "resnet"}),
    ("patches", {"network": "stylegan2"}),
    ("digits", {"task": "hole", "game": "pix2pix", "network": "unet"}),
    ("patches", {"task": "grey", "game": "pix2pix", "network": "unet"}),
    ("moons", TRAINED := {"model": "where the fixture puts it"}),
)


def entries():
    """Everything that has options: a table of a configuration, what stands in it, and what it says of itself."""
    for section, shelf in SHELVES.items():
        yield from ((section, shelf.entry(name)) for name in (TOYS if section == "data" else shelf.names()))
    yield from settings.ENTRIES.items()


CASES = [(section, entry, option) for section, entry in entries() for option in entry.options]


def own_values(option):
    """Both ends of an option's range, its choices, and its default: what it must take."""
    for node in ast.walk(ast.parse(option.annotation, mode="eval")):
        if isinstance(node, ast.Call):
            yield from (ast.unparse(end) for end in (*node.args, *(one.value for one in node.keywords)))
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
            yield from map(str, ast.literal_eval(node.slice))
    if option.default is not None:
        yield str(option.default)


def values_of(option):
    """Values for an option, those that are taken for the same but once; text is taken by whoever reads it."""
    distinct = {}
    for value in [*VALUES, *own_values(option)]:
        distinct.setdefault(str(option.take(value, "")) if option.takes(value) else f"refused {value}", value)
    return distinct.values()


def said_for(section, entry, option, value, setup):
    """The configuration in which this option of this thing has this value, and all else is small."""
    chosen = {section: entry.name} if section in tables.PARTS and section != "data" else {}
    # What is fitted at once takes pictures whatever is given.
    chosen |= {"game": "gaussian"} if section == "task" else {}
    dotted = f"regularizer.{entry.name}.{option}" if section == "regularizer" else f"{section}.{option}"
    told = SMALL | setup | chosen | {dotted: value}
    game = tables.PARTS["game"].entry(told.get("game", "gan"))
    takes = {
        table: tables.PARTS[table].entry(told[table]).options
        for table in (*game.parts, "optimizer")
        if table in tables.PARTS and table in told
    }
    takes |= {"game": game.options, "data": {}} | {name: one.options for name, one in settings.ENTRIES.items()}
    takes.setdefault(section, entry.options)
    known = {path for path in told if path.partition(".")[2] in takes.get(path.partition(".")[0], {})}
    parts = {*takes, *game.parts, "game", "task"}
    return tables.told([(p, v) for p, v in told.items() if p in known or p == dotted or p in parts])


@pytest.fixture(autouse=True, scope="module")
def _little_memory():
    """Whatever asks for more than four gigabytes more fails instead of taking the machine with it."""
    resource = pytest.importorskip("resource")
    from saddlepoint.machine.room import _addressed

    before, threads = resource.getrlimit(resource.RLIMIT_AS), torch.get_num_threads()
    resource.setrlimit(resource.RLIMIT_AS, (_addressed() + 4 * 2**30, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True, scope="module")
def _trained(tmp_path_factory):
    """A small run for the games that want one."""
    out = tmp_path_factory.mktemp("trained") / "moons"
    said = said_for("run", settings.ENTRIES["run"], "steps", "2", {})
    running.Run.begin(said, "moons", None, str(out), Shard()).release()
    TRAINED["model"] = str(out)


@pytest.fixture
def made(monkeypatch):
    """The runs that come as far as to make a folder; none is made, and nothing is written on the way."""
    found = []
    monkeypatch.setattr(RunFolder, "create", lambda path, *rest, **named: found.append(path) or RunFolder(path))
    monkeypatch.setattr(running, "Lock", lambda path: None)
    monkeypatch.setattr(running.Run, "_keep_record", lambda *step: None)
    monkeypatch.setattr(running, "_MANY", 200)
    return found


def played(said, data):
    """Two steps of a run, every number of them finite; what it says where it is refused."""
    try:
        run = running.Run.begin(said, data, None, "nowhere", Shard())
    except SaddlepointError as error:
        return str(error)
    for step in run.steps():
        assert all(math.isfinite(value) for value in step.scalars().values()), step.scalars()
        if step.index == 1:
            break
    model = run.model()
    assert answers(model, questions(run.game, run.source.real(4)), seed=0).isfinite().all()
    if isinstance(run.game, Fits) and isinstance(run.game, Scores):
        assert not run.game.score(run.source.batches(8)(0)["x"]).isnan().any()
    return ""


@functools.cache
def _taken_on(section, name):
    entry = dict(entries_of(section))[name]
    for data, setup in SETUPS:
        option = next(iter(entry.options.values()))
        try:
            if not played(said_for(section, entry, option.name, option.default, setup), data):
                return data, setup
        except SaddlepointError:
            continue
    raise AssertionError(f"{section} {name} is taken on nothing")


def taken_on(section, entry):
    """The data and the parts that a thing is tried with."""
    if section == "data":
        return entry.name, {}
    return _taken_on(section, entry.name)


def entries_of(section):
    return [(entry.name, entry) for kind, entry in entries() if kind == section]


@pytest.mark.parametrize(("section", "entry", "option"), CASES, ids=[f"{s} {e.name} {o}" for s, e, o in CASES])
def test_a_value_trains_or_is_refused_before_there_is_a_folder(section, entry, option, made):
    data, setup = taken_on(section, entry)
    trained = False
    for value in values_of(entry.options[option]):
        made.clear()
        try:
            words = played(said_for(section, entry, option, value, setup), data)
        except SaddlepointError as error:
            words = str(error)
        assert bool(made) == (not words), (value, words)
        trained |= not words
        assert "\n" not in words, value
        assert len(words) < 1000, value
    assert trained
