"""Route sheets: points that bring no data, to be walked to; what was read there is typed in."""
