"""The worked example of the reference's README runs, prints what it says, and leaves a log in which a judge finds nothing."""

import contextlib
import io
import re
from pathlib import Path

from orphan_oracle.check import check_lines
from orphan_oracle.configuration import Configuration
from orphan_spec.constants import Constants, Environment

README = Path(__file__).parent.parent / "reference" / "README.md"


def test_worked_example_prints_what_the_readme_says() -> None:
    text = README.read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    printed = re.search(r"It prints:\n\n```\n(.*?)```", text, re.DOTALL)
    assert code is not None
    assert printed is not None
    scope: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exec(code[1], scope)
    assert output.getvalue() == printed[1]
    log = scope["log"]
    assert isinstance(log, list)
    environment = Environment(observe="cloid", owned_cloid_prefix="0xa1")
    report = check_lines(iter([line.encode() for line in log]), "log", Configuration(Constants(), environment))
    assert (report.syncs, report.violations) == (2, ())
