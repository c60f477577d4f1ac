"""Where readings come in and go out: files of counterparties, exchange by 80020.

It maps the codes of files to usage points, cuts foreign days into local ones and hands them to
`readings.services.record`; it keeps who exchanges what, and which files were read when.
"""
