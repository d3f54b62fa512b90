"""The court: the commands that people call, their reports, and the wire formats.

`command` finds the command; each lives in `commands`. `codec` alone knows the wire.
"""
