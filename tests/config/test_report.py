"""How faults are reported: all of a pass at once, in order, and never with a secret."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from components.config import report, tree
from components.config.parse import parse
from components.errors import ConfigError, Problem
from components.settings.stack import Settings
from tests.config.wrong import PRIVATE_KEY, error_text
from tests.support.documents import DROP, cluster, documents

SECRET = "correct-horse-battery-staple"


def failure(**changes: Any) -> str:
    with pytest.raises(ConfigError) as error:
        parse(documents(**changes))
    return str(error.value)


def test_all_faulty_fields_are_reported_at_once_by_path() -> None:
    text = failure(
        clusters__primary__vcnCidr="10.0.0.0",
        clusters__secondary__role="primry",
        mesh__ingress__minMbps=1,
        oci__compartmentId=DROP,
    )
    assert text == error_text(
        "clusters.primary.vcnCidr: has no prefix, got '10.0.0.0'; "
        "write it as address/prefix, such as 10.0.0.0/16",
        "clusters.secondary.role: is not one of the choices, got 'primry'; "
        "did you mean primary? the choices are primary, remote",
        "mesh.ingress.minMbps: is less than 10, got 1; write at least 10",
        "oci.compartmentId: is missing, got nothing; add it, such as ocid1.compartment.oc1..aaaa",
    )


def test_all_faults_between_fields_are_reported_at_once_by_path() -> None:
    text = failure(
        clusters__secondary__vcnCidr="10.0.0.0/16",
        clusters__secondary__name="primary-cluster",
        mesh__ingress__minMbps=200,
        pki__earlyRenewalDays=1000,
    )
    assert text == error_text(
        "clusters.secondary.name: is the same as clusters.primary.name, got 'primary-cluster'; "
        "give each cluster its own",
        "clusters.secondary.vcnCidr: overlaps clusters.primary.vcnCidr (10.0.0.0/16), "
        "got 10.0.0.0/16; choose a range outside every other VCN",
        "mesh.ingress.minMbps: is more than maxMbps (100), got 200; choose at most that",
        "pki.earlyRenewalDays: is not less than pki.intermediateValidityDays (180), got 1000; "
        "choose fewer days, or every update would renew",
    )


def test_rules_between_fields_wait_until_fields_are_clean() -> None:
    text = failure(clusters__secondary__vcnCidr="10.0.0.0/16", mesh__mtls="off")
    assert text == error_text(
        "mesh.mtls: is not one of the choices, got 'off'; the choices are PERMISSIVE, STRICT"
    )


def test_a_faulty_key_is_reported_without_the_names_derived_from_it() -> None:
    assert failure(clusters__Third=cluster(2)).count("Third") == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"oci__password": SECRET},
        {"oci__privateKeyPath": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n"},
        {"access__sshPublicKey": SECRET},
        {"pki__rootCertPem": f"-----BEGIN EC PRIVATE KEY-----\n{SECRET}\n"},
        {"clusters__primary__name": f"-----BEGIN PRIVATE KEY-----{SECRET}"},
        {"clusters__primary__region": {"key": SECRET}},
        {"clusters__primary__allowedCidrs": {"a": SECRET}},
        {"clusters__primary__kmsKeyId": f"-----BEGIN PRIVATE KEY-----{SECRET}"},
        {"clusters__primary__nodePools": [SECRET]},
        {"tags": {"api-token": [SECRET]}},
        {"mesh__istio__values__global__secretToken": SECRET, "mesh__id": "no label"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_may_be_a_secret_is_not_shown(changes: dict[str, Any]) -> None:
    assert SECRET not in failure(**changes)


def test_no_problem_holds_a_secret_beside_its_text() -> None:
    with pytest.raises(ConfigError) as error:
        parse(documents(oci__privateKeyPath=PRIVATE_KEY))
    body = PRIVATE_KEY.splitlines()[1]
    assert body not in repr(error.value.problems)
    assert error.value.__cause__ is None
    assert body not in str(error.value.__context__)


@pytest.mark.parametrize(
    ("value", "location", "shown"),
    [
        (None, ["a"], "nothing"),
        ("x", ["a"], "'x'"),
        (True, ["a"], "True"),
        (2.0, ["a"], "2"),
        ("x" * 128, ["a"], repr("x" * 128)),
        ("x" * 129, ["a"], "a text of 129 letters"),
        ({}, ["a"], "an empty map"),
        ({"b": 1}, ["a"], "a map"),
        (["b"], ["a"], "a list"),
        ("x", ["clusters", "keycloak", "name"], "'x'"),
        ("x", ["access", "sshPublicKey"], "<hidden>"),
        ("x", ["tags", "api-token"], "<hidden>"),
        ("ocid1.key.oc1.iad.a", ["clusters", "a", "kmsKeyId"], "'ocid1.key.oc1.iad.a'"),
        ("~/.ssh/id", ["access", "sshPrivateKeyPath"], "'~/.ssh/id'"),
        (PRIVATE_KEY, ["mesh", "id"], "<hidden>"),
        ("http://me:word@proxy.example.com:3128", ["access", "proxyUrl"], "<hidden>"),
    ],
)
def test_a_value_is_shown_so_that_it_is_found_again(
    value: object, location: list[str], shown: str
) -> None:
    assert report.show(value, *location) == shown


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (("clusters", "fra", "nodePools", "np1", "size"), "clusters.fra.nodePools.np1.size"),
        (("allowedCidrs", 0), "allowedCidrs[0]"),
        (("tags", "cost.center"), 'tags["cost.center"]'),
    ],
)
def test_a_path_is_written_as_pulumi_takes_it(location: tuple[int | str, ...], path: str) -> None:
    assert report.path(location) == path


def test_every_fault_that_a_field_can_have_is_worded_by_us() -> None:
    """Each kind of schema in the model is given values of every type, and none falls through."""
    texts = []
    for value in (None, True, 1, -1, 10**9, 1.5, "", "a b", "x" * 300, [], [1], {}, {"a": 1}):
        for place in _places():
            try:
                Settings.model_validate(documents(**{place: value}))
            except ValidationError as error:
                problems = report.problems(error, documents(**{place: value}))
                texts += [problem.fault for problem in problems]
    assert len(texts) > 500
    assert "is not valid" not in texts
    assert not [text for text in texts if re.search(r"[Ii]nput should|[Vv]alue error", text)]


def _places() -> list[str]:
    """Return every place of the settings, with an entry in each map."""
    return [
        place
        for name, field in Settings.model_fields.items()
        for place in _places_in(field.annotation, field.alias or name)
    ]


def _places_in(annotation: Any, place: str) -> list[str]:
    model = tree.model_in(annotation)
    entries: tuple[Any, ...] = getattr(annotation, "__args__", ())
    if model is None and len(entries) == 2 and tree.model_in(entries[1]):
        entry = "primary" if place == "clusters" else "np1"
        return [place, *_places_in(entries[1], f"{place}__{entry}")]
    below = model.model_fields.items() if model else ()
    return [
        place,
        *(
            deeper
            for name, field in below
            for deeper in _places_in(field.annotation, f"{place}__{field.alias or name}")
        ),
    ]


def test_a_problem_reads_as_one_sentence() -> None:
    problem = Problem(path="a.b", fault="is wrong", got="1", remedy="mend it")
    assert str(problem) == "a.b: is wrong, got 1; mend it"
