"""The protocol on one page."""

from importlib.resources import files


def explanation() -> str:
    """The page that a stranger needs to write a driver."""
    return files("orphan_oracle").joinpath("protocol.md").read_text(encoding="utf-8")
