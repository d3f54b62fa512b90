"""What is generated is current."""

import generate


def test_the_readme_and_the_schemas_are_current() -> None:
    for make in generate.QUICK:
        for path, text in make():
            assert path.read_text(encoding="utf-8") == text, f"{path.name}: run python tests/generate.py"


def test_the_table_of_mutants_is_about_this_machine() -> None:
    text = (generate.ROOT / "docs/mutants.md").read_text(encoding="utf-8")
    assert f"`{generate.digest()}`" in text
    assert ", 0 unexplained." in text
