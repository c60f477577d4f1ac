"""Copies of an installation: made while it works, checked, and brought back.

A backup is one file: a tar of the database, the files of FAZA_HOME and a manifest that counts and
hashes both (docs/reference/backup.md), sealed as a whole where a key is given.
"""
