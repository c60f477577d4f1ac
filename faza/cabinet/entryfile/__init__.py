"""Readings of many points by a file: the cabinet's pages."""
