"""«Event journal»: what happened at the reader's points, counted, listed, taken away as a file."""
