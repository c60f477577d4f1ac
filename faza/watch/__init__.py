"""How the installation fares, for those who run it: health, figures, ids of requests.

A face like the cabinet, for programs: it reads and never writes into the database. Nothing of a
person is told here, nor in a name or label of a figure.
"""
