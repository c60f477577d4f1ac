"""A whole grid from one table file: checked first, then applied in one transaction."""
