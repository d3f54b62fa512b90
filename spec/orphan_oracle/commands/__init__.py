"""The commands, one module each, imported when it is called.

Two rules. A command is a function that takes what the command line says, writes its report and returns the exit status; bad
input is an `InputError`, never a status. Its module imports what it needs and nothing is imported before it is called: to add
a command, write the module and add its line to `COMMANDS` in `orphan_oracle.command`.
"""
