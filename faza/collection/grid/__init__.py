"""A whole grid from one sheet: places, points, meters, transformers, agreements.

    table = book.read(name, data, choice=columns chosen)       # bytes to rows of text
    plan = checking.check(table, scope=…, at=…)                # what would be done; writes nothing
    applying.apply(plan, …)                                    # in one transaction
    undoing.undo(grid_import, …)                               # exactly what was done, backwards

`services` are the deeds that the desk asks for; `columns` is the format, and its documentation.
An empty cell never clears anything: it says nothing.
"""
