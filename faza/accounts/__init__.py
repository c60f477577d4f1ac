"""People who sign in: their address, name, role and language.

What a user may see is not decided here but in `contracts.access`.
"""
