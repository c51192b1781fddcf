"""What proxies hold: the mesh's root, an identity of the mesh, and no end near."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ops.verify.certificates import (
    Held,
    fingerprints,
    held,
    judge_expiry,
    judge_identity,
    judge_root,
)
from ops.verify.checks import Check, Status
from ops.verify.document import mesh_from_outputs
from tests.ops import verify_answers as answers

PRIMARY = mesh_from_outputs(answers.outputs()).clusters["primary"]
ROOT, OTHER = answers.certificate("root"), answers.certificate("other")
OWN, INTERMEDIATE = answers.own_certificate(), answers.certificate("intermediate")


def root(trusted: str, expected: str = ROOT) -> Check:
    holds = Held(chain_pem=OWN, roots_pem=trusted)
    return judge_root(PRIMARY, {"gateway-a": holds}, expected=expected)


def expiry(*chain: str, root: str = ROOT) -> str:
    holds = Held(chain_pem="".join(chain), roots_pem=ROOT)
    return judge_expiry(PRIMARY, {"curl-a": holds}, root=root, now=datetime.now(UTC)).seen


def identity(uri: str) -> str:
    holds = Held(chain_pem=answers.own_certificate(uri) if uri else OTHER, roots_pem=ROOT)
    return judge_identity(PRIMARY, {"curl-a": holds}, trust_domain="oke.local").seen


def test_what_a_proxy_holds_is_read_without_its_key() -> None:
    dump = answers.envoy_secrets(OWN + INTERMEDIATE, ROOT)
    assert held(dump) == Held(chain_pem=OWN + INTERMEDIATE, roots_pem=ROOT)


def test_a_proxy_that_has_nothing_yet_holds_nothing() -> None:
    assert held({}) == Held(chain_pem="", roots_pem="")
    assert held({"configs": [{"name": "ROOTCA"}, {"name": "kubernetes://own"}]}).own is None


def test_the_same_root_is_in_order_however_it_is_wrapped() -> None:
    assert root(f"\n{ROOT}\n\n").status is Status.OK


def test_two_roots_in_a_rotation_are_in_order() -> None:
    assert root(ROOT + OTHER).status is Status.OK


def test_another_root_is_a_fault_with_the_proxy_and_both_fingerprints() -> None:
    wanted, found = (next(iter(fingerprints(pem)))[:16] for pem in (ROOT, OTHER))
    assert root(OTHER).seen == f"gateway-a trusts {found}, the outputs have {wanted}"


def test_a_proxy_without_a_root_is_a_fault() -> None:
    assert root("").seen.startswith("gateway-a trusts no certificate, the outputs have ")


def test_outputs_without_a_root_prove_nothing() -> None:
    assert root(ROOT, expected="").seen == "the outputs have no certificate"


def test_certificates_far_from_their_end_are_in_order() -> None:
    assert expiry(OWN, INTERMEDIATE, ROOT) == ""


@pytest.mark.parametrize(("left", "verb"), [(7, "ends"), (-7, "ended")])
def test_an_intermediate_near_its_end_is_a_fault(left: int, verb: str) -> None:
    end = datetime.now(UTC) + timedelta(days=left)
    late = answers.certificate("late", timedelta(days=left))
    assert expiry(OWN, late) == f"the intermediate of curl-a {verb} on {end:%Y-%m-%d}"


def test_a_root_near_its_end_is_a_fault() -> None:
    end = datetime.now(UTC) + timedelta(days=7)
    late = answers.certificate("late", timedelta(days=7))
    assert expiry(OWN, INTERMEDIATE, root=late) == f"the root ends on {end:%Y-%m-%d}"


def test_a_proxy_that_does_not_renew_its_certificate_is_a_fault() -> None:
    """An agent renews it at half of its life, here of 13 hours."""
    end = datetime.now(UTC) + timedelta(hours=1)
    late = answers.own_certificate(left=timedelta(hours=1))
    assert expiry(late, INTERMEDIATE) == (f"curl-a did not renew its own, ends on {end:%Y-%m-%d}")


def test_a_proxy_without_a_certificate_is_a_fault() -> None:
    assert expiry() == "curl-a has no certificate"


def test_an_identity_of_the_trust_domain_is_in_order() -> None:
    assert identity("spiffe://oke.local/ns/sample/sa/default") == ""


@pytest.mark.parametrize(
    "uri", ["spiffe://cluster.local/ns/sample/sa/default", "spiffe://oke.local.evil/ns/x/sa/y"]
)
def test_an_identity_of_another_trust_domain_is_a_fault(uri: str) -> None:
    assert identity(uri) == f"curl-a is {uri}, not of oke.local"


def test_a_proxy_without_an_identity_is_a_fault() -> None:
    assert identity("") == "curl-a is nobody, not of oke.local"
