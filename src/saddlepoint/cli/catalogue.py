"""`saddle list`."""

from __future__ import annotations

from textwrap import wrap

from saddlepoint.catalogue import Entry
from saddlepoint.errors import UnknownName, unknown
from saddlepoint.option import Option


def catalogue(kind: str | None = None, name: str | None = None, /) -> int:
    """List what there is: all kinds, the things of one KIND, or the options of one NAME.

    Parameters
    ----------
    kind
        data, diagnostics, features, games, latent, metrics, networks, objectives, optimizers, priors, regularizers,
        tasks, recipes, run or watch.
    name
        One of the kind.
    """
    import saddlepoint
    from saddlepoint.configuration import recipes, settings, trained
    from saddlepoint.configuration.tables import PARTS

    shelves = {plural: getattr(saddlepoint, plural).shelf for plural in saddlepoint.SHELVES}
    singular = {shelf.kind: plural for plural, shelf in shelves.items()}
    kind = singular.get(kind, kind) if kind else None
    names = {plural: shelf.names() for plural, shelf in shelves.items()} | {"recipes": recipes.names()}
    if kind is None:
        lines = [f"{plural:<14} {', '.join(known)}" for plural, known in names.items()]
    elif kind in settings.ENTRIES:
        lines = [*_told(settings.ENTRIES[kind].details), *_options(settings.ENTRIES[kind], kind)]
    elif kind not in names:
        raise UnknownName(unknown("kind", kind, [*names, *settings.ENTRIES]))
    elif kind == "recipes":
        lines = [line for one in ([name] if name else names[kind]) for line in _recipe(one)]
    elif name:
        entry = shelves[kind].entry(name)
        wants = [f"It wants {trained.wanted(entry)}."] if trained.PART in entry.parts and kind == "games" else []
        lines = _told(entry.summary, f"Paper: {entry.paper}", *entry.details.splitlines(), *wants)
        # A metric, features or a diagnostic are taken as they are: no command sets their options.
        lines += _options(entry, shelves[kind].kind) if shelves[kind].kind in (*PARTS, "regularizer", "verb") else []
    else:
        entries = [shelves[kind].entry(one) for one in names[kind]]
        lines = [f"{entry.name:<18} {entry.summary} [{entry.paper}]" for entry in entries]
    print("\n".join(lines))
    return 0


def _told(*paragraphs: str) -> list[str]:
    return [line for text in paragraphs for line in (*wrap(text, 100), "")]


def _recipe(name: str) -> list[str]:
    from saddlepoint.configuration.recipes import words

    said = words(name)
    return [f"{name:<22} {said['about']} [{said['paper']}]", f"{'':<22} {said['result']}"]


def _options(entry: Entry, table: str) -> list[str]:
    before = "" if table == "verb" else f"{table}."
    return [f"  --{before}{option.name:<20} {option.wanted}; {_default(option)}" for option in entry.options.values()]


def _default(option: Option) -> str:
    return "not set unless told" if option.default is None else f"default {option.default}"
