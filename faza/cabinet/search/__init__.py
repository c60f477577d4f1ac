"""One search for the cabinet: the field in the top bar of every page."""
