"""What the operator host may do inside of the clusters."""

from __future__ import annotations

from typing import Any

from tests.support.documents import SSH_KEY, documents
from tests.support.program import run

BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
HOST = {"cluster": "primary", "allowedCidrs": ["192.0.2.0/24"], "sshPublicKey": SSH_KEY}
GROUP = "ocid1.dynamicgroup.oc1..operators"
RBAC = "rbac.authorization.k8s.io"


def bindings(**access: Any) -> dict[str, Any]:
    """Return the bindings for the host by their names."""
    made = run(documents(access={**HOST, **access}))
    return {r.name: r.inputs for r in made.of(BINDING) if "-host-rights" in r.name}


def test_the_host_is_bound_in_every_cluster_by_its_ocid() -> None:
    found = bindings()
    assert sorted(found) == ["primary-host-rights-binding", "secondary-host-rights-binding"]
    user = {"kind": "User", "apiGroup": RBAC, "name": "ocid1.instance.oc1.test.primary-operator"}
    assert found["secondary-host-rights-binding"]["subjects"] == [user]


def test_the_group_of_the_host_is_bound_beside_it() -> None:
    group = {"kind": "Group", "apiGroup": RBAC, "name": GROUP}
    for inputs in bindings(dynamicGroupId=GROUP).values():
        assert inputs["subjects"][1:] == [group]


def test_its_rights_are_those_of_the_role_that_is_asked_for() -> None:
    roles = {inputs["roleRef"]["name"] for inputs in bindings(clusterRole="view").values()}
    assert roles == {"view"}


def test_without_a_host_nobody_is_bound() -> None:
    made = run(documents())
    assert [r.name for r in made.of(BINDING) if "-host-rights" in r.name] == []
