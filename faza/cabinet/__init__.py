"""The subscriber's web: the board, meters, metering data and their export.

Pages ask `contracts.access` for windows and `readings.queries` for numbers, and say them in words.
Nothing is written here and nothing is decided about who may see what.
"""
