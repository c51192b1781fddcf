"""The token webhook: tokens of `oci ce cluster generate-token`, good and bad."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests

from lab.cloud.containerengine.records import Cluster, EndpointConfig
from lab.cloud.ids import COMPARTMENT_ID, USER_ID
from tests.lab_unit.cloud_fixtures import Lab


@pytest.fixture
def cluster(lab: Lab) -> str:
    store = lab.running.store
    with store.lock:
        record = Cluster(
            region="us-sanjose-1",
            compartment_id=COMPARTMENT_ID,
            lifecycle_state="ACTIVE",
            name="primary",
            vcn_id="v",
            kubernetes_version="v1",
            endpoint_config=EndpointConfig(subnet_id="s"),
        )
        return store.keep(record).id


def _token(lab: Lab, cluster: str, *, date: str | None = None, region: str = "us-sanjose-1") -> str:
    url = f"https://containerengine.{region}.oraclecloud.com/cluster_request/{cluster}"
    signer = lab.network().base_client.signer
    headers = {"date": date} if date else {}
    signed = signer.do_request_sign(requests.Request("GET", url, headers=headers).prepare())
    parts = {name: signed.headers[name] for name in ("authorization", "date")}
    full = requests.Request("GET", url, params=parts).prepare().url
    return base64.urlsafe_b64encode(str(full).encode()).decode()


def _review(lab: Lab, cluster: str, token: str) -> Any:
    url = f"{lab.running.worker.webhook.url}/{cluster}"
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview"}
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(lab.running.settings.files.ca)
        answer = session.post(url, json={**review, "spec": {"token": token}}, timeout=10)
    assert answer.json()["kind"] == "TokenReview"
    return answer.json()["status"]


def _changed(token: str, old: str, new: str) -> str:
    text = base64.urlsafe_b64decode(token).decode()
    assert old in text
    return base64.urlsafe_b64encode(text.replace(old, new).encode()).decode()


def test_a_fresh_token_is_the_labs_user_as_administrator(lab: Lab, cluster: str) -> None:
    assert _review(lab, cluster, _token(lab, cluster)) == {
        "authenticated": True,
        "user": {
            "username": USER_ID,
            "uid": USER_ID,
            "groups": ["system:masters", "system:authenticated"],
        },
    }


def test_the_vendors_command_makes_a_good_token(lab: Lab, cluster: str) -> None:
    command = Path(sys.executable).parent / "oci"
    arguments = ["ce", "cluster", "generate-token", "--cluster-id", cluster]
    answer = subprocess.run(  # noqa: S603 - our own words
        [command, *arguments, "--region", "us-sanjose-1"],
        capture_output=True,
        check=True,
        text=True,
    )
    token = json.loads(answer.stdout)["status"]["token"]
    assert _review(lab, cluster, token)["authenticated"]


def test_a_token_for_another_cluster_is_refused(lab: Lab, cluster: str) -> None:
    assert _review(lab, cluster, _token(lab, f"{cluster}2")) == {"authenticated": False}


def test_a_token_of_another_region_is_refused(lab: Lab, cluster: str) -> None:
    token = _token(lab, cluster, region="us-chicago-1")
    assert _review(lab, cluster, token) == {"authenticated": False}


def test_a_token_outlives_what_its_client_is_told(lab: Lab, cluster: str) -> None:
    """Else a request that is sent just before the end is refused."""
    sent_late = _token(lab, cluster, date=formatdate(time.time() - 245, usegmt=True))
    assert _review(lab, cluster, sent_late)["authenticated"]


def test_a_token_ends_after_five_minutes(lab: Lab, cluster: str) -> None:
    date = formatdate(usegmt=True)
    old = _token(lab, cluster, date=formatdate(time.time() - 310, usegmt=True))
    assert _review(lab, cluster, _token(lab, cluster, date=date))["authenticated"]
    assert _review(lab, cluster, old) == {"authenticated": False}


def test_a_date_that_was_renewed_breaks_the_signature(lab: Lab, cluster: str) -> None:
    old = formatdate(0, usegmt=True)
    token = _token(lab, cluster, date=old)
    text = urlsplit(base64.urlsafe_b64decode(token).decode())
    shown = quote(parse_qs(text.query)["date"][0]).replace("%20", "+")
    renewed = _changed(token, shown, quote(formatdate(usegmt=True)).replace("%20", "+"))
    assert _review(lab, cluster, renewed) == {"authenticated": False}


def test_a_cluster_that_is_gone_has_no_users(lab: Lab, cluster: str) -> None:
    lab.running.store.get(Cluster, cluster).lifecycle_state = "DELETED"
    assert _review(lab, cluster, _token(lab, cluster)) == {"authenticated": False}


@pytest.mark.parametrize("token", ["", "plain", "eyJhbGciOiJSUzI1NiJ9.e30.x", "aHR0cHM6Ly94Lw=="])
def test_what_is_no_token_at_all_is_refused(lab: Lab, cluster: str, token: str) -> None:
    assert _review(lab, cluster, token) == {"authenticated": False}
