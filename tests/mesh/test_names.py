"""Names of services in other clusters, and who sees which service."""

from __future__ import annotations

from typing import Any

from components.mesh.values import primary_values, remote_values
from tests.support.documents import cluster, plan, settings


def mesh_config(key: str = "primary", **changes: Any) -> dict[str, Any]:
    found, member = settings(**changes), plan(**changes).members[key]
    values = primary_values if member.is_primary else remote_values
    config: dict[str, Any] = values(member, found.mesh)["meshConfig"]
    return config


def captures(config: dict[str, Any]) -> bool:
    metadata: dict[str, str] = config["defaultConfig"]["proxyMetadata"]
    return metadata.get("ISTIO_META_DNS_CAPTURE") == "true"


def test_proxies_answer_dns_unless_they_are_not_to() -> None:
    assert captures(mesh_config())
    assert not captures(mesh_config(mesh__dnsCapture=False))


def test_by_default_everybody_sees_every_service() -> None:
    assert not {"serviceSettings", "defaultServiceExportTo"} & mesh_config().keys()


def test_services_can_be_kept_in_their_cluster_and_from_other_namespaces() -> None:
    exports = {"clusterLocal": ["*.jobs.svc.cluster.local"], "visibleTo": [".", "istio-system"]}
    for key in ("primary", "secondary"):
        config = mesh_config(
            key,
            mesh__exports=exports,
            clusters__secondary=cluster(1, role="remote", primary="primary"),
        )
        assert config["serviceSettings"] == [
            {"settings": {"clusterLocal": True}, "hosts": ["*.jobs.svc.cluster.local"]}
        ]
        assert config["defaultServiceExportTo"] == [".", "istio-system"]
