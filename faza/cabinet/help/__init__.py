"""«Помощь»: how each section is used, in the reader's language, with a search over all of it.

The texts are Markdown in texts/<language>/<topic>.md: a title, a sentence that sums up, then
sections under second headings. A link to a page of the cabinet is written as [words](cabinet:name).
"""
