"""Why the guarantees hold: obligations from the machine's one text, discharged by Z3, and a second opinion by exploration.

`verification.verify` is the door; `obligations` says what has to be checked and why that is enough.
"""
