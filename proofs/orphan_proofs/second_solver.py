"""The one door to cvc5: another solver reads the certificates and must answer each as expected.

Three rules. It reads the same text that is exported. Certificates that begin alike share their first commands, and each
is then asked alone, on top of them. And an answer that is not the expected one, `unknown` too, is a disagreement that names
the file.
"""

# pyright: reportAttributeAccessIssue=false
# cvc5 has no type information.

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

import cvc5

from orphan_proofs.certificates import LOGIC, Certificate

MILLISECONDS = 10_000
"""How long one question may take."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the second solver says of a certificate."""

    certificate: Certificate
    answer: str

    @property
    def agrees(self) -> bool:
        """Whether it is the expected answer."""
        return self.answer == self.certificate.expected

    @property
    def line(self) -> str:
        """A disagreement, in one line."""
        c = self.certificate
        return (
            f"{version()} disagrees: {c.name}.smt2 ({c.subject} @ {c.action}): expected {c.expected}, got {self.answer}"
        )


def version() -> str:
    """The solver's name and version."""
    return f"cvc5 {cvc5.__version__}"


def answers(text: str, *, incremental: bool, options: Mapping[str, str] | None = None) -> list[str]:
    """What cvc5 says to each command of a text that has an answer, in order."""
    terms = cvc5.TermManager()
    solver = cvc5.Solver(terms)
    solver.setOption("incremental", "true" if incremental else "false")
    solver.setOption("tlimit-per", str(MILLISECONDS))
    for name, value in (options or {}).items():
        solver.setOption(name, value)
    symbols = cvc5.SymbolManager(terms)
    parser = cvc5.InputParser(solver, symbols)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "certificate")
    found: list[str] = []
    while not (command := parser.nextCommand()).isNull():
        said = str(command.invoke(solver, symbols)).strip()
        if said:
            found.append(said)
    return found


def alone(certificate: Certificate) -> Opinion:
    """The opinion on one certificate, read as the file that is exported."""
    return Opinion(certificate, " ".join(answers(certificate.text, incremental=False)))


def opinions(listed: Iterable[Certificate]) -> Iterator[Opinion]:
    """The opinion on every certificate, in order."""
    for shared, same in groupby(listed, key=lambda c: c.shared):
        group = tuple(same)
        lines = [f"(set-logic {LOGIC})", *shared]
        for certificate in group:
            lines += ["(push 1)", *certificate.own, "(check-sat)", "(pop 1)"]
        found = answers("\n".join(lines), incremental=True)
        if len(found) != len(group):
            raise RuntimeError(f"{version()} answered {len(found)} of {len(group)} questions: {found[-1:]}")
        yield from (Opinion(c, answer) for c, answer in zip(group, found, strict=True))
