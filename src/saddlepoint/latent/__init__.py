from saddlepoint.catalogue import Shelf

shelf = Shelf("verb", __name__)
build, names = shelf.build, shelf.names

__all__ = ["build", "names", "shelf"]
