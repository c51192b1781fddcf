"""Bookinfo over the clusters, and a page that asks a model in another cluster."""

from __future__ import annotations

from typing import Any

import pytest

from components.samples.bookinfo import spread
from components.versions import BOOKINFO, OPEN_WEBUI, SGLANG
from tests.config.wrong import Wrong, assert_refused, wrong
from tests.support.documents import cluster, documents
from tests.support.graph import order
from tests.support.harness import Deployment
from tests.support.program import run, same_run

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SERVICE = "kubernetes:core/v1:Service"
SECRET = "kubernetes:core/v1:Secret"
POLICY = "kubernetes:security.istio.io/v1:AuthorizationPolicy"

GPU = {"shape": "VM.GPU.A10.1", "size": 1}
CHAT: dict[str, Any] = {
    "clusters__secondary__nodePools": {"gpu": GPU},
    "demos__chat": {"page": "primary", "server": "secondary"},
}
BOOKS: dict[str, Any] = {"demos__bookinfo": {"page": "primary"}}


def of_demo(made: Deployment, type_: str, demo: str) -> list[str]:
    return sorted(r.name for r in made.of(type_) if f"-{demo}-" in r.name)


def container(made: Deployment, name: str) -> dict[str, Any]:
    (found,) = made.one(DEPLOYMENT, name).inputs["spec"]["template"]["spec"]["containers"]
    return dict(found)


def test_no_demo_runs_unless_it_is_asked_for() -> None:
    made = same_run(documents())
    assert of_demo(made, DEPLOYMENT, "bookinfo") == of_demo(made, DEPLOYMENT, "chat") == []


def test_the_page_of_bookinfo_is_made_of_answers_of_every_cluster() -> None:
    assert spread(["a", "b", "c"], "b") == {
        "a": [("reviews", "v1"), ("reviews", "v3")],
        "b": [("productpage", "v1"), ("details", "v1")],
        "c": [("reviews", "v2"), ("ratings", "v1")],
    }


def test_one_cluster_has_all_of_bookinfo() -> None:
    assert len(spread(["a"], "a")["a"]) == 6


def test_every_cluster_knows_every_service_of_bookinfo() -> None:
    made = same_run(documents(**BOOKS))
    names = ("details", "productpage", "ratings", "reviews")
    wanted = [f"{key}-bookinfo-{name}" for key in ("primary", "secondary") for name in names]
    assert of_demo(made, SERVICE, "bookinfo") == sorted(wanted)


def test_bookinfo_runs_the_images_of_istio_and_writes_where_they_may() -> None:
    made = same_run(documents(**BOOKS))
    assert of_demo(made, DEPLOYMENT, "bookinfo") == [
        "primary-bookinfo-details-v1",
        "primary-bookinfo-productpage-v1",
        "secondary-bookinfo-ratings-v1",
        "secondary-bookinfo-reviews-v1",
        "secondary-bookinfo-reviews-v2",
        "secondary-bookinfo-reviews-v3",
    ]
    found = container(made, "secondary-bookinfo-reviews-v2")
    assert found["image"] == "registry.istio.io/release/examples-bookinfo-reviews-v2:1.20.3"
    assert [m["mountPath"] for m in found["volumeMounts"]] == ["/tmp", "/opt/ibm/wlp/output"]  # noqa: S108 folders in an image


def test_every_image_of_a_demo_may_have_its_digest() -> None:
    digest = "sha256:" + "ab" * 32
    apps = [f"{app}-{version}" for found in spread(["a"], "a").values() for app, version in found]
    tags = {f"examples-bookinfo-{app}": BOOKINFO for app in apps}
    tags |= {"open-webui": f"v{OPEN_WEBUI}", "sglang": f"v{SGLANG}"}
    digests = {name: f"{tag}@{digest}" for name, tag in tags.items()}
    made = same_run(documents(**BOOKS, **CHAT, mesh__registry__digests=digests))
    names = [*of_demo(made, DEPLOYMENT, "bookinfo"), *of_demo(made, DEPLOYMENT, "chat")]
    images = [container(made, name)["image"] for name in names]
    assert len(images) == len(tags)
    assert {image.rpartition("/")[2] for image in images} == {
        f"{name}:{pin}" for name, pin in digests.items()
    }


def test_both_clusters_know_the_page_and_the_model() -> None:
    made = same_run(documents(**CHAT))
    assert of_demo(made, SERVICE, "chat") == [
        "primary-chat-llm",
        "primary-chat-open-webui",
        "secondary-chat-llm",
        "secondary-chat-open-webui",
    ]


def test_the_page_is_in_one_cluster_and_the_model_in_the_other_alone() -> None:
    made = same_run(documents(**CHAT))
    assert of_demo(made, DEPLOYMENT, "chat") == [
        "primary-chat-open-webui-v1",
        "secondary-chat-llm-v1",
    ]


def test_a_cluster_without_a_part_in_the_chat_has_nothing_of_it() -> None:
    made = same_run(documents(clusters__third=cluster(2), **CHAT))
    assert of_demo(made, SERVICE, "chat") == of_demo(same_run(documents(**CHAT)), SERVICE, "chat")


def test_the_page_asks_the_model_by_the_name_of_its_service() -> None:
    found = container(same_run(documents(**CHAT)), "primary-chat-open-webui-v1")
    given = {entry["name"]: entry["value"] for entry in found["env"]}
    assert given["OPENAI_API_BASE_URL"] == "http://llm.chat.svc.cluster.local:30000/v1"
    assert found["image"] == "ghcr.io/open-webui/open-webui:v0.11.3"


def test_the_model_runs_on_gpus_and_listens_where_it_is_asked() -> None:
    chat = {**CHAT["demos__chat"], "model": "owner/own-model", "gpus": 2}
    made = same_run(documents(**{**CHAT, "demos__chat": chat}))
    found = container(made, "secondary-chat-llm-v1")
    assert found["command"] == [
        *("python3", "-m", "sglang.launch_server", "--model-path", "owner/own-model"),
        *("--host", "0.0.0.0", "--port", "30000", "--tp", "2"),  # noqa: S104 in its pod
    ]
    assert found["resources"] == {"limits": {"nvidia.com/gpu": "2"}}
    assert found["image"] == "docker.io/lmsysorg/sglang:v0.5.18"
    assert "env" not in found


def test_a_token_is_a_secret_of_the_cluster_with_the_model_alone() -> None:
    token = "hf_" + "a" * 34
    made = run(documents(**CHAT), secrets={"huggingFaceToken": token})
    secret = made.one(SECRET, "secondary-chat-token")
    assert secret.inputs["stringData"] == {"token": token}
    assert "stringData" in secret.secrets
    assert of_demo(made, SECRET, "chat") == ["secondary-chat-token"]
    (given,) = container(made, "secondary-chat-llm-v1")["env"]
    reference = {"name": "hugging-face", "key": "token"}
    assert given == {"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": reference}}


def test_demos_wait_until_their_pods_get_a_proxy() -> None:
    made = same_run(documents(**CHAT))
    assert order(made, "secondary-istio-istiod", "secondary-chat-namespace")


def test_where_nobody_may_ask_a_demo_lets_itself_and_the_gateways_ask() -> None:
    made = same_run(documents(mesh__authorization="denyByDefault", **BOOKS))
    rule = made.one(POLICY, "primary-bookinfo-authorizationpolicy").inputs["spec"]["rules"][0]
    assert rule["from"] == [
        {"source": {"namespaces": ["bookinfo"]}},
        {"source": {"principals": ["oke.local/ns/istio-system/sa/istio-ingressgateway"]}},
    ]


TABLE = [
    wrong(
        "a page in no cluster",
        {"demos__bookinfo": {"page": "primry"}},
        (
            "demos.bookinfo.page: is not an enabled cluster, got 'primry'; did you mean primary? "
            "the enabled clusters are primary, secondary"
        ),
    ),
    wrong(
        "a model without GPUs",
        {"demos__chat": {"page": "primary", "server": "secondary"}},
        (
            "demos.chat.server: is a cluster without a node pool that has GPUs, got 'secondary'; "
            "add one to clusters.secondary.nodePools, such as shape VM.GPU.A10.1"
        ),
    ),
    wrong(
        "a model without its owner",
        {**CHAT, "demos__chat": {"page": "primary", "server": "secondary", "model": "qwen"}},
        (
            "demos.chat.model: is not a model of Hugging Face, got 'qwen'; write it as "
            "Qwen/Qwen2.5-7B-Instruct"
        ),
    ),
    wrong(
        "a demo without the mesh",
        {**BOOKS, "mesh__enabled": False},
        (
            "demos.bookinfo.page: needs the mesh, which mesh.enabled leaves out, got 'primary'; "
            "remove the demo, or set mesh.enabled to true"
        ),
    ),
    wrong(
        "a demo that does not cross",
        {**BOOKS, "mesh__eastWest__hosts": ["*.sample.svc.cluster.local"]},
        (
            "mesh.eastWest.hosts: leaves out demos.bookinfo, which calls across networks, got a "
            "list; add '*.bookinfo.svc.cluster.local', or remove the demo"
        ),
    ),
    wrong(
        "a token for no demo",
        {},
        (
            "demos.chat: is missing beside the secret huggingFaceToken, got nothing; describe the "
            "demo, or `pulumi config rm huggingFaceToken`"
        ),
        hugging_face_token=True,
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_what_is_wrong_is_told_with_its_remedy(case: Wrong) -> None:
    assert_refused(case)
