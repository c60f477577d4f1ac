"""A whole utility of many points: `faza demo --points N`, for trials of size.

Not the demo grid with its stories, but the shape of a real one: places, agreements, subscribers
with one to three points, organisations with up to thousands, half-hours of measured homes. `plan`
says who has what, `building` makes it, `filling` delivers readings through the one door in.
"""
