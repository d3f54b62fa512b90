"""The one way in which bad input and bad calls are refused: one line that says what, where, and what would be right."""


class InputError(Exception):
    """The input or the call is wrong; its text is one line for the user."""


def one_line(text: str) -> str:
    """The text on one line, with every character that a terminal might obey written out."""
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    """The text with control and other invisible characters written out as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)
