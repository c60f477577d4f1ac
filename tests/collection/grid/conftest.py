from tests.collection.grid.factories import by

__all__ = ["by"]
