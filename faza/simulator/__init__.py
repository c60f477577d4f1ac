"""A fleet of meters in one process: the meters' side of the protocols, with faults and known truth.

`collection` may not import it, so that reader and meter do not err alike. No Django here.
"""
