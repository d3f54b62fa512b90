"""The house: who may import whom, what a package needs, and how the machine's text may be written."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = {
    "orphan_spec": "spec",
    "orphan_oracle": "spec",
    "orphan_proofs": "proofs",
    "orphan_tracker": "reference",
    "orphan_desk": "reference",
}
MAY_IMPORT = {
    "orphan_spec": set(),
    "orphan_oracle": {"orphan_spec"},
    "orphan_proofs": {"orphan_spec"},
    "orphan_tracker": set(),
    "orphan_desk": {"orphan_tracker"},
}
OUTSIDE = {
    "orphan_spec": set(),
    "orphan_oracle": {"cyclopts", "rich", "msgspec", "jinja2", "junitparser", "hypothesis", "pytest"},
    "orphan_proofs": {"z3", "cvc5"},
    "orphan_tracker": set(),
    "orphan_desk": set(),
}
LAZILY = {"orphan_proofs", "orphan_desk"}
"""What the court may import, but only inside the functions of its commands and in what only they import."""


def sources(package: str) -> list[Path]:
    return sorted((ROOT / ROOMS[package] / package).rglob("*.py"))


def imports(tree: ast.AST, *, top: bool) -> Iterator[str]:
    """The packages that a module imports; with `top`, only those that importing it imports."""
    nodes = _outside_functions(tree) if top else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def _outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            yield from _outside_functions(node)


def wrong_imports(package: str, source: str, *, lazily: bool) -> set[str]:
    """The imports of a source that its room does not allow."""
    tree = ast.parse(source)
    allowed = {package, *MAY_IMPORT[package], *OUTSIDE[package], *sys.stdlib_module_names}
    top = set(imports(tree, top=True)) - allowed
    inside = set(imports(tree, top=False)) - allowed
    return (top | inside) - (LAZILY if lazily else set())


@pytest.mark.parametrize("package", ROOMS)
def test_arrows_point_one_way(package: str) -> None:
    for path in sources(package):
        lazily = package == "orphan_oracle" and _belongs_to_a_command(path)
        wrong = wrong_imports(package, path.read_text(), lazily=lazily)
        assert not wrong, f"{path.relative_to(ROOT)} must not import {', '.join(sorted(wrong))}"


COMMAND_ONLY = {"verify_report.py", "explore_report.py", "mutants_report.py"} | {
    "opinions_report.py",
    *("timing_report.py", "timing_words.py", "timing_pages.py", "picture.py"),
    *("desk_runs.py", "desk_report.py", "desk_picture.py", "desk_sweep.py", "desk_pages.py", "desk_log.py"),
    *("desk_calls.py", "desk_heat.py", "desk_soak.py", "desk_search.py"),
}
"""Modules of the court that only the functions of commands import, and which may know the proofs."""


def _belongs_to_a_command(path: Path) -> bool:
    return path.parent.name == "commands" or path.name in COMMAND_ONLY


def test_commands_import_the_proofs_and_the_desk_lazily() -> None:
    for path in sources("orphan_oracle"):
        tree = ast.parse(path.read_text())
        heavy = LAZILY | {f"orphan_oracle.{name.removesuffix('.py')}" for name in COMMAND_ONLY}
        for node in _outside_functions(tree):
            if isinstance(node, ast.ImportFrom) and node.module and path.name not in COMMAND_ONLY:
                assert node.module not in heavy, path
                assert node.module.partition(".")[0] not in LAZILY, path


def test_an_arrow_that_points_the_wrong_way_is_found() -> None:
    assert wrong_imports("orphan_tracker", "from orphan_spec import machine", lazily=False) == {"orphan_spec"}
    assert wrong_imports("orphan_spec", "def f():\n    import z3", lazily=False) == {"z3"}
    assert wrong_imports("orphan_oracle", "import orphan_proofs.explore", lazily=False) == {"orphan_proofs"}
    assert wrong_imports("orphan_desk", "import orphan_tracker", lazily=False) == set()


@pytest.mark.parametrize("package", ROOMS)
def test_packages_are_typed_and_no_room_shadows_a_folder(package: str) -> None:
    assert (ROOT / ROOMS[package] / package / "py.typed").exists()
    for folder in ("spec", "proofs", "reference", "tests"):
        assert not (ROOT / folder / "__init__.py").exists()


CONNECTIVES = (ast.BoolOp, ast.Not, ast.IfExp, ast.In, ast.NotIn, ast.Is, ast.IsNot)


def swallowed(source: str) -> list[str]:
    """What stands in a text of the machine that a solver would not see: connectives, conditions, chained comparisons."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, CONNECTIVES) or (isinstance(node, ast.Compare) and len(node.ops) > 1):
            found.append(f"{type(node).__name__}: {ast.unparse(node) if isinstance(node, ast.expr) else ''}")
    return found


def test_the_machine_is_written_in_plain_comparisons() -> None:
    for name in ("fields", "world", "machine"):
        assert swallowed((ROOT / f"spec/orphan_spec/{name}.py").read_text()) == []


@pytest.mark.parametrize(
    "text", ["a < b < c", "a < b and c < d", "not a", "a if b else c", "a in (b, c)", "(a < b) or (c < d)"]
)
def test_a_connective_in_the_machine_would_be_found(text: str) -> None:
    assert swallowed(text)


def test_the_guarantees_are_named_once() -> None:
    """No module but the catalogue spells out a guarantee's name or claim."""
    from orphan_spec.guarantees import GUARANTEES

    for package in ROOMS:
        for path in sources(package):
            if path.name == "guarantees.py":
                continue
            text = path.read_text()
            for guarantee in GUARANTEES.values():
                assert guarantee.claim not in text, path
                assert not re.search(rf"[\"']{guarantee.name}[\"']", text), path


def ignored_results(source: str) -> list[str]:
    """Calls that change a local book and whose result nobody takes."""
    from orphan_tracker import LocalBook

    changes = {name for name, one in vars(LocalBook).items() if inspect_return(one) == "BookResult"}
    found = []
    for node in ast.walk(ast.parse(source)):
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in changes:
            on_book = ast.unparse(call.func.value).endswith("book")
            found += [ast.unparse(call)] if on_book else []
    return found


def inspect_return(function: object) -> str:
    annotation = getattr(function, "__annotations__", {}).get("return", "")
    return getattr(annotation, "__name__", str(annotation))


@pytest.mark.parametrize("package", ["orphan_tracker", "orphan_desk"])
def test_results_of_the_local_book_are_never_ignored(package: str) -> None:
    for path in sources(package):
        assert ignored_results(path.read_text()) == [], path


def test_an_ignored_result_would_be_found() -> None:
    assert ignored_results("self.book.finalize_pending_by_cloid('c', '7', 0)")
    assert ignored_results("book.remove_pending_by_cloid('c', 0)")
    assert not ignored_results("note(self.book.mark_ended('7', how, 0)); policy.mark_ended('7', 0)")
