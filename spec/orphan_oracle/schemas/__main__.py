"""Writes the schema files."""

from orphan_oracle.schemas import FOLDER, generated

for name, text in generated().items():
    (FOLDER / name).write_text(text, encoding="utf-8")
