"""Faza: an open intelligent electricity metering system."""

__version__ = "0.1.0"
