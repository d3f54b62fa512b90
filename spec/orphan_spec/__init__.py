"""The law: the machine, what it guarantees, the judge of logs, and the vocabulary of events.

`machine` is the one text of the transition relation; `properties` says what is claimed of it; `judge` says what a log must
show; `events` names what a log may contain. Nothing here imports more than the standard library.
"""
