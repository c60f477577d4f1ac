"""Customers, their agreements and what those cover; `access` is the one door for a person.

Everything that a person gets is clipped to the windows that `access.windows_of` gives.
"""
