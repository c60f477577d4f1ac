"""Reports: kinds of tables over what was measured, what renders them, and what is saved of them.

A kind (`reports.kinds`) makes a `table.Table` of access windows and parameters, a renderer
(`reports.renderers`) turns it into a page or a file. Services keep personal reports, their
schedules and the files of long runs.
"""
