"""The pages of observability: who signs in, what they show, and where users call them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import yaml

from tests.observability.test_observability import (
    RELEASE,
    SECRET,
    release,
    run,
    values,
)
from tests.support.documents import cluster, documents
from tests.support.graph import order
from tests.support.harness import Deployment
from tests.support.program import inventory_run, same_run


@pytest.fixture(scope="module")
def whole() -> Deployment:
    return inventory_run("observed")


def test_the_password_of_grafana_is_made_and_stays_secret(whole: Deployment) -> None:
    login = whole.one(SECRET, "fra-grafana-login")
    assert "stringData" in login.secrets
    password = login.inputs["stringData"]["password"]
    assert len(password) == 32
    assert password.isalnum()
    assert whole.exports["grafanaPassword"] == password
    assert "grafanaPassword" in whole.secret_exports
    shown = [r.name for r in whole.resources if password in json.dumps(r.inputs)]
    assert shown == ["fra-grafana-login"]


def test_grafana_signs_in_by_that_secret_alone(whole: Deployment) -> None:
    found = values(whole, "fra-grafana-release")
    metadata = whole.one(SECRET, "fra-grafana-login").inputs["metadata"]
    assert found["admin"] == {
        "existingSecret": metadata["name"],
        "userKey": "user",
        "passwordKey": "password",
    }
    assert found["grafana.ini"]["auth.anonymous"] == {"enabled": False}
    assert found["grafana.ini"]["users"] == {"allow_sign_up": False}


def test_the_password_does_not_change_with_the_settings() -> None:
    first = run().exports["grafanaPassword"]
    assert run(grafana={"storage": "50Gi"}).exports["grafanaPassword"] == first


def test_outputs_say_where_the_pages_are(whole: Deployment) -> None:
    urls = {page: whole.exports["hosts"][page]["fra"][0] for page in ("grafana", "kiali")}
    assert whole.exports["observability"] == {
        "home": "fra",
        "grafanaUrl": urls["grafana"],
        "grafanaUser": "admin",
        "kialiUrl": urls["kiali"],
    }
    found = values(whole, "fra-grafana-release")["grafana.ini"]
    assert found["server"] == {"root_url": urls["grafana"]}
    assert found["security"] == {"cookie_secure": True}


def test_pages_without_a_host_have_no_place() -> None:
    made = run()
    found = made.exports["observability"]
    assert (found["grafanaUrl"], found["kialiUrl"]) == (None, None)
    assert "server" not in values(made, "primary-grafana-release")["grafana.ini"]


def test_grafana_reads_the_view_and_the_traces(whole: Deployment) -> None:
    sources = values(whole, "fra-grafana-release")["datasources"]["datasources.yaml"]["datasources"]
    assert {source["type"]: source["url"] for source in sources} == {
        "prometheus": "http://metrics-view.observability.svc.cluster.local:9090",
        "jaeger": "http://tracing.observability.svc.cluster.local:16686",
    }
    alone = values(run(), "primary-grafana-release")["datasources"]["datasources.yaml"][
        "datasources"
    ]
    assert [source["type"] for source in alone] == ["prometheus"]


def dashboards(**chosen: Any) -> dict[str, Any]:
    found: dict[str, Any] = values(run(grafana=chosen), "primary-grafana-release")["dashboards"][
        "oke-mesh"
    ]
    return found


def test_one_dashboard_has_all_clusters_beside_each_other() -> None:
    found = json.loads(dashboards()["clusters"]["json"])
    queries = [target["expr"] for panel in found["panels"] for target in panel["targets"]]
    assert len(queries) == len(found["panels"]) == 10
    assert all("cluster" in query for query in queries)
    (source,) = {json.dumps(panel["datasource"]) for panel in found["panels"]}
    known = values(run(), "primary-grafana-release")["datasources"]["datasources.yaml"][
        "datasources"
    ]
    assert json.loads(source)["uid"] == known[0]["uid"]
    places = [tuple(panel["gridPos"][axis] for axis in "xy") for panel in found["panels"]]
    assert len(set(places)) == len(places)


def test_istios_own_dashboards_are_of_the_release_that_runs() -> None:
    urls = [found["url"] for found in dashboards().values() if "url" in found]
    assert len(urls) == 5
    assert all("/istio/istio/1.31.4/manifests/" in url for url in urls)
    assert set(dashboards(istioDashboards=False)) == {"clusters"}


def test_grafana_keeps_what_users_make_on_a_volume_if_it_is_given() -> None:
    assert values(run(), "primary-grafana-release")["persistence"] == {"enabled": False}
    kept = values(run(grafana={"storage": "50Gi"}), "primary-grafana-release")
    assert kept["persistence"] == {"enabled": True, "size": "50Gi"}
    assert kept["deploymentStrategy"] == {"type": "Recreate"}


def test_kiali_says_where_users_call_it(whole: Deployment) -> None:
    url = whole.exports["observability"]["kialiUrl"]
    server = values(whole, "fra-kiali-release")["server"]
    assert f"{server['web_schema']}://{server['web_fqdn']}{server['web_root']}" == url
    assert server["web_schema"] == "https"
    assert server["port"] == 20001


def test_kiali_reads_every_cluster_with_a_token_of_its_own_there(whole: Deployment) -> None:
    secret = whole.one(SECRET, "fra-kiali-clusters")
    assert "data" in secret.secrets
    assert secret.inputs["metadata"]["name"] == "kiali-multi-cluster-secret"
    found = {
        name: yaml.safe_load(base64.b64decode(text)) for name, text in secret.inputs["data"].items()
    }
    assert set(found) == {"lhr-cluster", "ash-cluster"}
    for key in ("lhr", "ash"):
        token = found[f"{key}-cluster"]["users"][0]["user"]["token"]
        assert token == f"token-of-{key}-kiali-reader-token"
        annotations = whole.one(SECRET, f"{key}-kiali-reader-token").inputs["metadata"]
        account = annotations["annotations"]["kubernetes.io/service-account.name"]
        there = values(whole, f"{key}-kiali-release")["deployment"]
        assert account == there["instance_name"]
        assert there["remote_cluster_resources_only"] is True
        assert order(whole, f"{key}-kiali-release", f"{key}-kiali-reader-token")
    assert values(whole, "fra-kiali-release")["kubernetes_config"] == {
        "cluster_name": "fra-cluster"
    }


def test_kiali_changes_nothing_in_any_cluster(whole: Deployment) -> None:
    for name in ("fra-kiali-release", "lhr-kiali-release", "ash-kiali-release"):
        assert values(whole, name)["deployment"]["view_only_mode"] is True


def test_kiali_of_several_clusters_signs_in_by_openid(whole: Deployment) -> None:
    assert values(whole, "fra-kiali-release")["auth"] == {
        "strategy": "openid",
        "openid": {
            "client_id": "kiali",
            "issuer_uri": "https://id.example.com",
            "disable_rbac": True,
        },
    }


def test_kiali_of_one_cluster_takes_a_token() -> None:
    alone = documents(
        clusters={"primary": cluster(0)}, observability={"home": "primary", "kiali": {}}
    )
    made = same_run(alone)
    assert values(made, "primary-kiali-release")["auth"] == {"strategy": "token"}
    assert "data" not in made.one(SECRET, "primary-kiali-clusters").inputs


def test_the_key_of_kialis_sessions_is_a_secret_that_stays(whole: Deployment) -> None:
    secret = whole.one(SECRET, "fra-kiali-signing-key")
    assert "stringData" in secret.secrets
    assert len(secret.inputs["stringData"]["key"]) == 32
    signing = values(whole, "fra-kiali-release")["login_token"]["signing_key"]
    assert signing == f"secret:{secret.inputs['metadata']['name']}:key"


def test_kiali_starts_anew_when_a_cluster_comes(whole: Deployment) -> None:
    notes = values(whole, "fra-kiali-release")["deployment"]["pod_annotations"]
    assert notes["oke-mesh/clusters"] == "ash,lhr"


def test_pages_are_at_home_and_nowhere_else(whole: Deployment) -> None:
    for name in ("fra-grafana-release", "fra-tracing-release", "fra-kiali-release"):
        assert whole.one(RELEASE, name).provider_urn.endswith("::fra-kubernetes")
        assert release(whole, name)["namespace"] == "observability"
