"""What may not change in a mesh that is there, told before anything is touched."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components.config.changes import faults_of_changes, identity, idle_acceptances
from components.config.last import LastOutputs, read_last_outputs
from components.config.load import load
from components.errors import ConfigError
from components.settings.stack import Settings
from tests.config.wrong import CERTIFICATE
from tests.support.documents import cluster, documents, flannel
from tests.support.harness import deploy

READ = "pulumi:pulumi:readStackOutputs"
RESTARTED = "every pod with a proxy has to be restarted before its requests succeed again"
ANEW = "the cluster and all that runs in it is deleted, and another made"


def outputs(**changes: Any) -> dict[str, Any]:
    """Return the outputs of an update with these settings, as far as they are compared."""
    settings = Settings.model_validate(documents(**changes))
    return {
        "mesh": {
            "id": settings.mesh.id,
            "trustDomain": settings.mesh.trust_domain,
            "istioVersion": settings.mesh.istio.version,
            "revision": settings.mesh.istio.revision,
            "rootCaPem": settings.pki.root_cert_pem or "made here",
            "hasOwnRoot": settings.pki.root_cert_pem is not None,
        },
        "clusters": {
            key: {**identity(chosen), "ingressAddress": "198.51.100.1"}
            for key, chosen in settings.enabled_clusters.items()
        },
    }


BEFORE = outputs()


def faults(before: dict[str, Any] = BEFORE, /, **changes: Any) -> list[str]:
    settings = Settings.model_validate(documents(**changes))
    return [str(fault) for fault in faults_of_changes(settings, before)]


def test_nothing_is_refused_before_the_first_update() -> None:
    assert faults({}, mesh__trustDomain="other.local") == []


def test_what_did_not_change_is_not_refused() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("path", "values", "outage"),
    [
        ("name", ("primary-cluster", "p1"), RESTARTED),
        ("network", ("primary-network", "east"), RESTARTED),
        ("region", ("us-sanjose-1", "us-phoenix-1"), ANEW),
        ("vcnCidr", ("10.0.0.0/16", "10.9.0.0/16"), ANEW),
        ("servicesCidr", ("172.16.0.0/16", "172.17.0.0/16"), ANEW),
    ],
)
def test_what_a_cluster_was_made_with_stays(
    path: str, values: tuple[str, str], outage: str
) -> None:
    before, after = values
    assert faults(**{f"clusters__primary__{path}": after}) == [
        (
            f"clusters.primary.{path}: was {before} when the mesh was made, and another one is an "
            f"outage: {outage}, got '{after}'; write {before}; to do it without one, take the "
            "cluster out, `pulumi up`, and put it in again; or accept the outage by adding "
            f"clusters.primary.{path} to mesh.acceptOutage"
        )
    ]


def test_a_remote_stays_with_its_primary() -> None:
    remote = {"clusters__far": flannel(2, role="remote", primary="primary")}
    moved = {"clusters__far": flannel(2, role="remote", primary="secondary")}
    (text,) = faults(outputs(**remote), **moved)
    assert text.startswith("clusters.far.primary: was primary when the mesh was made")


@pytest.mark.parametrize(
    ("setting", "before", "after"),
    [("id", "oke-mesh", "other"), ("trustDomain", "oke.local", "other.local")],
)
def test_the_identity_of_the_mesh_stays(setting: str, before: str, after: str) -> None:
    assert faults(**{f"mesh__{setting}": after}) == [
        (
            f"mesh.{setting}: was {before} when the mesh was made, and another one is an outage: "
            f"{RESTARTED}, got '{after}'; write {before}; or accept the outage by adding "
            f"mesh.{setting} to mesh.acceptOutage"
        )
    ]


def test_another_root_is_refused() -> None:
    own = {"pki__rootCertPem": CERTIFICATE}
    given, taken = faults(**own), faults(outputs(**own))
    assert given[0].startswith("pki.rootCertPem: was not set when the mesh was made, and another")
    assert taken[0].startswith("pki.rootCertPem: was one of your own when the mesh was made")
    assert faults(outputs(**own), pki__rootCertPem=CERTIFICATE.strip()) == []


def test_a_revision_is_not_changed_under_running_pods() -> None:
    assert faults(mesh__istio={"revision": "blue"}) == [
        (
            "mesh.istio.revision: was not set when the mesh was made, and another one is an "
            "outage: pods stay with the istiod that is deleted until they are restarted, got "
            "'blue'; take it out; for another release change mesh.istio.version, which needs no "
            "revision; or accept the outage by adding mesh.istio.revision to mesh.acceptOutage"
        )
    ]


@pytest.mark.parametrize(
    ("before", "after", "step"), [("1.29.6", "1.31.4", "1.30"), ("1.31.4", "1.29.6", "1.30")]
)
def test_istio_goes_one_minor_at_a_time(before: str, after: str, step: str) -> None:
    last = outputs(mesh__istio={"version": before})
    assert faults(last, mesh__istio={"version": after}) == [
        (
            f"mesh.istio.version: is more than one minor away from what runs ({before}), got "
            f"'{after}'; choose a release of {step} first, `pulumi up`, then go on"
        )
    ]


@pytest.mark.parametrize(("before", "after"), [("1.30.8", "1.31.4"), ("1.31.4", "1.30.8")])
def test_one_minor_up_or_down_is_an_update_like_any_other(before: str, after: str) -> None:
    assert faults(outputs(mesh__istio={"version": before}), mesh__istio={"version": after}) == []


def test_an_outage_that_is_accepted_is_not_refused() -> None:
    accepted = {"mesh__acceptOutage": ["clusters.primary.network"]}
    changes = {"clusters__primary__network": "east", "clusters__secondary__network": "west"}
    (text,) = faults(**accepted, **changes)
    assert text.startswith("clusters.secondary.network: ")


def test_an_acceptance_of_what_is_no_outage_is_refused() -> None:
    assert faults(mesh__acceptOutage=["mesh.mtls"])[0].startswith(
        "mesh.acceptOutage[0]: is no setting whose change is an outage, got 'mesh.mtls'; "
    )


def test_an_acceptance_that_has_done_its_work_is_told() -> None:
    settings = Settings.model_validate(documents(mesh__acceptOutage=["mesh.id"]))
    assert [str(told) for told in idle_acceptances(settings, BEFORE)] == [
        (
            "mesh.acceptOutage[0]: names nothing that this update changes, got 'mesh.id'; take it "
            "out, so that the next such change is refused again"
        )
    ]


def test_a_cluster_that_joins_or_leaves_is_no_change_of_one() -> None:
    assert faults(clusters__third=cluster(2)) == []
    assert faults(clusters__secondary=cluster(1, enabled=False, region="us-phoenix-1")) == []


def test_where_no_mesh_ran_nothing_of_it_is_refused() -> None:
    last = outputs()
    for entry in last["clusters"].values():
        entry["ingressAddress"] = None
    assert faults(last, mesh__id="other") == []


def test_outputs_of_an_earlier_program_are_compared_as_far_as_they_go() -> None:
    last = outputs()
    del last["clusters"]["primary"]["vcnCidr"]
    assert faults(last, clusters__primary__vcnCidr="10.9.0.0/16") == []


def test_a_refused_update_forgets_nothing() -> None:
    """What a program has exported when it fails are the stack's outputs from then on."""
    last = {**BEFORE, "kubeconfigs": {"primary": "secret"}}
    answer = {"outputs": last, "secretOutputNames": ["kubeconfigs"]}

    def program() -> None:
        with pytest.raises(ConfigError, match=r"mesh\.trustDomain: was oke\.local"):
            load()

    made = deploy(
        program,
        config=documents(mesh__trustDomain="other.local"),
        answers={READ: answer},
    )
    assert made.exports["mesh"]["trustDomain"] == "oke.local"
    assert made.exports["clusters"]["primary"]["network"] == "primary-network"
    assert made.secret_exports == {"kubeconfigs"}


def test_outputs_that_are_being_written_are_read_a_moment_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A backend of files is seen without the attributes of one for as long as it writes them."""
    read, tries = pulumi.runtime.invoke, []

    def written_meanwhile(*words: Any) -> Any:
        tries.append(words)
        if len(tries) < 3:
            raise RuntimeError("failed to load checkpoint: EOF")
        return read(*words)

    monkeypatch.setattr("pulumi.runtime.invoke", written_meanwhile)
    monkeypatch.setattr("components.config.last._PAUSE_SECONDS", 0)
    found: list[LastOutputs] = []
    said: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", said.append)
    answer = {"outputs": {"network": "east"}, "secretOutputNames": []}
    deploy(lambda: found.append(read_last_outputs()), answers={READ: answer})
    assert found[0].values == {"network": "east"}
    assert said == []


def test_outputs_that_cannot_be_read_are_told_and_refuse_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", said.append)

    def unreadable(*_: object) -> None:
        raise RuntimeError("no such stack")

    monkeypatch.setattr("pulumi.runtime.invoke", unreadable)
    monkeypatch.setattr("components.config.last._PAUSE_SECONDS", 0)
    deploy(load, config=documents())
    assert said[0] == (
        "organization/oke-mesh/test: its last outputs cannot be read, got no such stack; whether "
        "a change of what a cluster was made with is among those of this update is not known"
    )
