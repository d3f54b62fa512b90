"""cvc5's proofs of what must be impossible, as objects that other programs can read and check.

Three rules. A proof is of the certificate's own text, the file beside it. cvc5 checks each step itself, when it makes it
and again at the end. And a step that it asks to be trusted is counted, for it is no proof.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from orphan_proofs.certificates import Certificate
from orphan_proofs.second_solver import answers, version

FORMAT: Final = "cpc"
"""cvc5's own calculus, the Cooperating Proof Calculus, in the syntax of Eunoia."""

OPTIONS: Final = {
    "produce-proofs": "true",
    "check-proofs": "true",
    "proof-check": "eager",
    "proof-format-mode": FORMAT,
    "proof-granularity": "dsl-rewrite",
}
"""As fine as it gets: each rewrite is a step with a name."""

_RULE: Final = re.compile(r":rule ([^\s)]+)")


@dataclass(frozen=True, slots=True)
class ProofObject:
    """A proof that a certificate is unsatisfiable."""

    certificate: Certificate
    text: str

    @property
    def file(self) -> str:
        """Where it is written, beside the certificate."""
        return f"{self.certificate.name}.{FORMAT}"

    @property
    def rules(self) -> list[str]:
        """The rule of every step, in order."""
        return _RULE.findall(self.text)

    @property
    def trusted(self) -> int:
        """How many steps are asked to be believed."""
        return sum(rule.startswith("trust") for rule in self.rules)


def prove(certificate: Certificate) -> ProofObject:
    """The proof of a certificate that must be unsatisfiable; raises where cvc5 does not find one."""
    asked = certificate.text.replace("(check-sat)\n", "(check-sat)\n(get-proof)\n")
    said = answers(asked, incremental=False, options=OPTIONS)
    if len(said) != 2 or said[0] != "unsat" or not _RULE.search(said[1]):
        raise RuntimeError(f"{version()} proves nothing of {certificate.name}.smt2: {said}")
    return ProofObject(certificate, f"; {version()}, format {FORMAT}: {certificate.name}.smt2 is unsat\n{said[1]}\n")


def proofs(listed: Iterable[Certificate]) -> Iterator[ProofObject]:
    """A proof of every certificate that must be unsatisfiable, in order."""
    return (prove(certificate) for certificate in listed if certificate.expected == "unsat")


def write_proofs(listed: Iterable[Certificate], folder: Path) -> dict[str, Any]:
    """Write every proof beside its certificate, and `proofs.json`, which lists them; the result is that list."""
    entries, steps, trusted = [], 0, 0
    for proof in proofs(listed):
        path = folder / proof.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(proof.text, encoding="utf-8")
        entries.append(
            {
                "file": proof.file,
                "of": f"{proof.certificate.name}.smt2",
                "steps": len(proof.rules),
                "trusted": proof.trusted,
                "sha256": sha256(proof.text.encode()).hexdigest(),
            }
        )
        steps, trusted = steps + len(proof.rules), trusted + proof.trusted
    head = {"version": 1, "format": FORMAT, "prover": version()}
    found = {**head, "counts": {"proofs": len(entries), "steps": steps, "trusted": trusted}, "proofs": entries}
    (folder / "proofs.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found
