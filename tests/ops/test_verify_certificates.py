"""Roots that must be the same, and certificates that must not be near their end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ops.verify.certificates import fingerprints, judge_expiry, judge_root
from ops.verify.checks import Status
from ops.verify.document import mesh_from_outputs
from tests.ops import verify_answers as answers

PRIMARY = mesh_from_outputs(answers.outputs()).clusters["primary"]
ROOT, OTHER = answers.certificate("root"), answers.certificate("other")


def expiry(left: timedelta) -> str:
    now = datetime.now(UTC)
    given = {"the root": ROOT, "the intermediate": answers.certificate("late", left)}
    return judge_expiry("primary", given, now=now).seen


def test_the_same_root_is_in_order_however_it_is_wrapped() -> None:
    check = judge_root(PRIMARY, trusted=f"\n{ROOT}\n\n", expected=ROOT)
    assert check.status is Status.OK


def test_two_roots_in_a_rotation_are_in_order() -> None:
    check = judge_root(PRIMARY, trusted=ROOT + OTHER, expected=ROOT)
    assert check.status is Status.OK


def test_another_root_is_a_fault_with_both_fingerprints() -> None:
    check = judge_root(PRIMARY, trusted=OTHER, expected=ROOT)
    wanted, found = (next(iter(fingerprints(pem)))[:16] for pem in (ROOT, OTHER))
    assert check.seen == f"the outputs have {wanted}, proxies trust {found}"


def test_a_cluster_without_a_root_is_a_fault() -> None:
    check = judge_root(PRIMARY, trusted="", expected=ROOT)
    assert check.seen.endswith("proxies trust no certificate")


def test_outputs_without_a_root_prove_nothing() -> None:
    check = judge_root(PRIMARY, trusted=ROOT, expected="")
    assert check.status is Status.FAILED


def test_certificates_far_from_their_end_are_in_order() -> None:
    assert expiry(timedelta(days=60)) == ""


def test_a_certificate_that_ends_within_the_margin_is_a_fault() -> None:
    end = datetime.now(UTC) + timedelta(days=7)
    assert expiry(timedelta(days=7)) == f"the intermediate ends on {end:%Y-%m-%d}"


def test_a_certificate_that_ended_is_a_fault() -> None:
    end = datetime.now(UTC) - timedelta(days=7)
    assert expiry(-timedelta(days=7)) == f"the intermediate ended on {end:%Y-%m-%d}"


def test_what_is_no_certificate_is_a_fault() -> None:
    check = judge_expiry("primary", {"the intermediate": ""}, now=datetime.now(UTC))
    assert check.seen == "the intermediate is no certificate"
