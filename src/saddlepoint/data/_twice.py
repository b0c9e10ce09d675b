"""Content that is there twice, told by its bytes, whatever it is called."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

Content = tuple[bytes, ...]


def twice(what: str, names: Sequence[str], content: Sequence[Content], trained: int) -> list[str]:
    """What is to be told, in one note, of content that is there more than once; the first so many are `trained` on."""
    first: dict[Hashable, int] = {}
    copies = [(place, first[one]) for place, one in enumerate(content) if first.setdefault(one, place) != place]
    if not copies:
        return []
    crossing = [(place, before) for place, before in copies if before < trained <= place]
    place, before = (crossing or copies)[0]
    are = f"1 {what} is a copy of another" if len(copies) == 1 else f"{len(copies)} {what}s are copies of others"
    also = f"; of those held out {len(crossing)} {'is' if len(crossing) == 1 else 'are'} trained on too"
    return [f"{are}, byte for byte, such as {names[place]} of {names[before]}{also if crossing else ''}"]
