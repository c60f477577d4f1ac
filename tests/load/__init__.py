"""An evening's peak over grids of two sizes, while readings come in: `make load`."""
