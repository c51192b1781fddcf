"""The verdict on an object, kind by kind."""

from __future__ import annotations

from typing import Any

import pytest

from lab.plugins.kubernetes.paths import PathError
from lab.plugins.kubernetes.readiness import (
    READY,
    RULES,
    Verdict,
    failed,
    parse_condition,
    pod_troubles,
    rule_for,
    waiting,
)

Object = dict[str, Any]


def judge(group: str, kind: str, live: Object, *related: Object) -> Verdict:
    return RULES[(group, kind)]({"kind": kind, **live}, related)


def rollout(count: int = 2, **status: Any) -> Object:
    whole = {
        "observedGeneration": 3,
        "replicas": count,
        "updatedReplicas": count,
        "availableReplicas": count,
        "readyReplicas": count,
    }
    return {
        "metadata": {"generation": 3},
        "spec": {"replicas": 2},
        "status": {**whole, **status},
    }


@pytest.mark.parametrize(
    ("live", "verdict"),
    [
        (rollout(), READY),
        ({**rollout(0), "spec": {"replicas": 0}}, READY),
        (rollout(observedGeneration=2), waiting("the controller has not seen the change yet")),
        ({"spec": {}}, waiting("the controller has not seen it yet")),
        (rollout(updatedReplicas=1), waiting("1 of 2 replicas updated")),
        (rollout(replicas=3), waiting("1 old replicas still running")),
        (rollout(availableReplicas=1), waiting("1 of 2 replicas available")),
        (
            rollout(
                availableReplicas=0,
                conditions=[
                    {
                        "type": "Progressing",
                        "status": "False",
                        "reason": "ProgressDeadlineExceeded",
                        "message": "has timed out progressing",
                    }
                ],
            ),
            failed("has timed out progressing"),
        ),
    ],
)
def test_a_deployment_is_ready_once_its_rollout_is_whole(live: Object, verdict: Verdict) -> None:
    assert judge("apps", "Deployment", live) == verdict


@pytest.mark.parametrize(
    ("live", "verdict"),
    [
        (rollout(), READY),
        (rollout(readyReplicas=1), waiting("1 of 2 replicas ready")),
        (rollout(updatedReplicas=1), waiting("1 of 2 replicas updated")),
        (
            {
                **rollout(updatedReplicas=1),
                "spec": {"replicas": 2, "updateStrategy": {"rollingUpdate": {"partition": 1}}},
            },
            READY,
        ),
        (
            {
                **rollout(updatedReplicas=0),
                "spec": {"replicas": 2, "updateStrategy": {"type": "OnDelete"}},
            },
            READY,
        ),
    ],
)
def test_a_stateful_set_is_ready_once_enough_replicas_are_new(
    live: Object, verdict: Verdict
) -> None:
    assert judge("apps", "StatefulSet", live) == verdict


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({"desiredNumberScheduled": 2, "numberAvailable": 2, "updatedNumberScheduled": 2}, READY),
        ({"desiredNumberScheduled": 0}, READY),
        (
            {"desiredNumberScheduled": 2, "numberAvailable": 2, "updatedNumberScheduled": 1},
            waiting("1 of 2 nodes updated"),
        ),
        (
            {"desiredNumberScheduled": 2, "numberAvailable": 1, "updatedNumberScheduled": 2},
            waiting("available on 1 of 2 nodes"),
        ),
    ],
)
def test_a_daemon_set_is_ready_once_every_node_has_it(status: Object, verdict: Verdict) -> None:
    live = {"metadata": {"generation": 1}, "status": {"observedGeneration": 1, **status}}
    assert judge("apps", "DaemonSet", live) == verdict


def pod(phase: str, ready: str = "False", **status: Any) -> Object:
    conditions = [{"type": "Ready", "status": ready}]
    return {"status": {"phase": phase, "conditions": conditions, **status}}


@pytest.mark.parametrize(
    ("live", "verdict"),
    [
        (pod("Running", "True"), READY),
        (pod("Succeeded"), READY),
        (pod("Failed", message="evicted"), failed("evicted")),
        (pod("Running"), waiting("phase Running")),
        (
            pod(
                "Pending",
                containerStatuses=[
                    {
                        "name": "web",
                        "state": {"waiting": {"reason": "ErrImagePull", "message": "no such tag"}},
                    }
                ],
            ),
            waiting("container web: ErrImagePull: no such tag"),
        ),
    ],
)
def test_a_pod_is_ready_when_it_says_so(live: Object, verdict: Verdict) -> None:
    assert judge("", "Pod", live) == verdict


def test_a_pod_tells_why_it_is_not_scheduled_and_how_a_container_ended() -> None:
    live = {
        "status": {
            "conditions": [
                {"type": "PodScheduled", "status": "False", "message": "0/1 nodes available"}
            ],
            "initContainerStatuses": [
                {"name": "init", "state": {"terminated": {"reason": "Error", "exitCode": 3}}},
                {"name": "done", "state": {"terminated": {"reason": "Completed"}}},
            ],
        }
    }
    assert pod_troubles(live) == [
        "not scheduled: 0/1 nodes available",
        "container init: Error: exit 3",
    ]


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({"conditions": [{"type": "Complete", "status": "True"}]}, READY),
        (
            {
                "conditions": [
                    {
                        "type": "Failed",
                        "status": "True",
                        "reason": "BackoffLimitExceeded",
                        "message": "has reached the limit",
                    }
                ]
            },
            failed("BackoffLimitExceeded: has reached the limit"),
        ),
        ({"active": 1}, waiting("1 pods active, 0 succeeded")),
    ],
)
def test_a_job_is_ready_once_it_is_complete(status: Object, verdict: Verdict) -> None:
    assert judge("batch", "Job", {"status": status}) == verdict


def endpoints(**conditions: bool) -> Object:
    return {"endpoints": [{"conditions": conditions}]}


def service(ingress: list[Object] | None = None, **spec: Any) -> Object:
    return {"spec": spec, "status": {"loadBalancer": {"ingress": ingress} if ingress else {}}}


@pytest.mark.parametrize(
    ("live", "slices", "verdict"),
    [
        (service(), [], READY),
        (
            service(type="LoadBalancer"),
            [],
            waiting("the load balancer has no address yet"),
        ),
        (service([{"ip": "203.0.113.1"}], type="LoadBalancer"), [], READY),
        (service([{"hostname": "lb.example"}], type="LoadBalancer"), [], READY),
        (service(selector={"app": "x"}), [], READY),
        (service(selector={"app": "x"}), [endpoints(ready=True)], READY),
        (
            service(selector={"app": "x"}),
            [endpoints(ready=True), endpoints(ready=False)],
            waiting("1 selected pods are not ready"),
        ),
        (service(selector={"app": "x"}), [endpoints(ready=False, terminating=True)], READY),
        (service(selector={"app": "x"}, clusterIP="None"), [endpoints(ready=False)], READY),
        (service(selector={"app": "x"}, type="ExternalName"), [endpoints(ready=False)], READY),
    ],
)
def test_a_service_is_ready_with_its_address_and_its_pods(
    live: Object, slices: list[Object], verdict: Verdict
) -> None:
    assert judge("", "Service", live, *slices) == verdict


@pytest.mark.parametrize(
    ("kind", "live", "verdict"),
    [
        ("PersistentVolumeClaim", {"status": {"phase": "Bound"}}, READY),
        ("PersistentVolumeClaim", {"status": {"phase": "Pending"}}, waiting("phase Pending")),
        (
            "PersistentVolumeClaim",
            {"status": {"phase": "Lost"}},
            failed("the claim lost its volume"),
        ),
        ("PersistentVolume", {"status": {"phase": "Available"}}, READY),
        ("PersistentVolume", {}, waiting("phase Pending")),
        ("PersistentVolume", {"status": {"phase": "Failed", "message": "gone"}}, failed("gone")),
        ("Secret", {"type": "Opaque"}, READY),
        (
            "Secret",
            {"type": "kubernetes.io/service-account-token"},
            waiting("no token has been issued yet"),
        ),
        (
            "Secret",
            {"type": "kubernetes.io/service-account-token", "data": {"token": "dG9r"}},
            READY,
        ),
        (
            "ResourceQuota",
            {"spec": {"hard": {"pods": "3"}}},
            waiting("the quota is not in force yet"),
        ),
        (
            "ResourceQuota",
            {"spec": {"hard": {"pods": "3"}}, "status": {"hard": {"pods": 3}}},
            READY,
        ),
        ("ReplicationController", {"spec": {"replicas": 0}}, READY),
    ],
)
def test_the_core_kinds_have_their_own_rules(kind: str, live: Object, verdict: Verdict) -> None:
    assert judge("", kind, live) == verdict


def test_a_claim_that_binds_late_is_ready_while_it_waits() -> None:
    late = {"volumeBindingMode": "WaitForFirstConsumer"}
    assert judge("", "PersistentVolumeClaim", {"status": {"phase": "Pending"}}, late) == READY


@pytest.mark.parametrize(
    ("conditions", "verdict"),
    [
        ([{"type": "Established", "status": "True"}], READY),
        ([], waiting("not established yet")),
        (
            [
                {
                    "type": "NamesAccepted",
                    "status": "False",
                    "reason": "ShortNamesConflict",
                    "message": "w is taken",
                }
            ],
            failed("ShortNamesConflict: w is taken"),
        ),
    ],
)
def test_a_definition_is_ready_once_established(conditions: list[Object], verdict: Verdict) -> None:
    live = {"status": {"conditions": conditions}}
    assert judge("apiextensions.k8s.io", "CustomResourceDefinition", live) == verdict


def test_an_ingress_is_ready_with_an_address() -> None:
    assert judge("networking.k8s.io", "Ingress", {}) == waiting("the ingress has no address yet")


def annotated(**annotations: str) -> Object:
    keys = {f"pulumi.com/{key}": value for key, value in annotations.items()}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"annotations": keys}}


def test_an_object_marked_so_is_not_awaited() -> None:
    assert rule_for(annotated(skipAwait="true")) is None


def test_a_custom_resource_is_not_awaited() -> None:
    assert rule_for({"apiVersion": "example.org/v1", "kind": "Widget"}) is None


def test_the_wait_for_annotation_takes_the_place_of_the_kinds_rule() -> None:
    rule = rule_for(annotated(waitFor="jsonpath={.status.podIP}"))
    assert rule is not None
    assert rule({"status": {"podIP": "10.0.0.1"}}, ()) == READY


def test_every_expression_of_a_list_must_hold() -> None:
    rule = rule_for(annotated(waitFor='["condition=Ready", "jsonpath={.status.phase}=Running"]'))
    assert rule is not None
    live = {"status": {"phase": "Pending", "conditions": [{"type": "Ready", "status": "True"}]}}
    assert rule(live, ()) == waiting("not yet {.status.phase}=Running")


def test_a_condition_may_be_wanted_false() -> None:
    rule = rule_for(annotated(waitFor="condition=Stalled=False"))
    assert rule is not None
    assert rule({"status": {"conditions": [{"type": "Stalled", "status": "False"}]}}, ()) == READY


def test_a_condition_of_an_earlier_generation_does_not_count() -> None:
    rule = rule_for(annotated(waitFor="condition=Ready"))
    assert rule is not None
    live = {
        "metadata": {"generation": 2},
        "status": {
            "observedGeneration": 1,
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }
    assert rule(live, ()) == waiting("the controller has not seen the change yet")


def test_an_expression_of_neither_kind_is_refused() -> None:
    with pytest.raises(PathError) as raised:
        parse_condition("ready")
    assert str(raised.value) == (
        'pulumi.com/waitFor: must begin with "jsonpath=" or "condition=", got \'ready\''
    )
