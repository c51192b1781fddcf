"""Tables of wrong configurations, each with the whole text that its error shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from components.config.parse import parse
from components.config.rules.given import GivenSecrets
from components.errors import ConfigError
from tests.support.authority import authority
from tests.support.documents import documents

ROOT = authority("root")
CERTIFICATE = ROOT.cert_pem
PRIVATE_KEY = ROOT.key_pem
FINGERPRINT = ":".join(["ab"] * 16)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Changes to valid documents, and what is then wrong with them."""

    changes: dict[str, Any]
    secrets: GivenSecrets
    problems: tuple[str, ...]


def ocid(kind: str, region: str = "", unique: str = "aaaa") -> str:
    """Return an OCID of that kind."""
    return f"ocid1.{kind}.oc1.{region}.{unique}"


def wrong(name: str, changes: dict[str, Any], *problems: str, **secrets: Any) -> Any:
    """Return one row of a table: what is changed, and every problem of the error in order."""
    return pytest.param(Wrong(changes, GivenSecrets(**secrets), problems), id=name)


def error_text(*problems: str) -> str:
    """Return the whole text of an error with those problems."""
    noun = "problem" if len(problems) == 1 else "problems"
    return "\n  ".join([f"{len(problems)} {noun} in the configuration:", *problems])


def assert_refused(case: Wrong) -> None:
    """Check that parsing ends with exactly the text that the case names."""
    with pytest.raises(ConfigError) as error:
        parse(documents(**case.changes), case.secrets)
    assert str(error.value) == error_text(*case.problems)
