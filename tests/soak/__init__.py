"""A fleet with faults read for weeks by collectors that are killed: is all of it there, and true?

    world    the processes: simulator, collectors, broker; the clock file; kills
    people   what persons would do meanwhile: a replaced meter, a clock that is far off
    run      one soak from beginning to end, in a process of its own installation
    verdict  the store against the truth
    __main__ `make soak`: the big one, on one engine or both, with a table of figures

Source of what has to hold: the truth that the simulator writes down (`faza.simulator.truth`).
"""
