"""The token webhook of the API servers: who is behind a token of `oci ce cluster generate-token`.

Such a token is a signed request to the cluster's region, kept as a URL. It is good for the one
cluster that it names, for five minutes after its date.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from lab.cloud.cloud import Raw
from lab.cloud.errors import ApiError
from lab.cloud.records import Json
from lab.cloud.router import Reply
from lab.cloud.signing import Keys, Signed, age_seconds, verify_signature
from lab.cloud.store import Store

log = logging.getLogger("lab.cloud.webhook")

LIFETIME_SECONDS = 300
"""As long as any signed request. Clients are told of 240, so that none sends one that has ended:
the vendor's command says `before the token is actually expired` where it writes that."""
LEEWAY_SECONDS = 30
"""How far in the future a token's date may be."""
GROUPS = ("system:masters", "system:authenticated")
_HOST = re.compile(r"containerengine\.(?P<region>[a-z0-9-]+)\.(?:oci\.)?oraclecloud\.com")
_PATH = re.compile(r"/cluster_request/(?P<cluster>[a-z0-9.-]+)")
_SIGNED = {"date", "(request-target)", "host"}


class TokenError(Exception):
    """Why a token is not good; goes to the log, the client only learns that it is not."""


class TokenReviews:
    """Answers the TokenReview requests of every cluster's API server."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self.store = store
        self.keys = keys

    def answer(self, raw: Raw) -> Reply:
        """A TokenReview with its status filled in; the path's last part is the cluster."""
        cluster_id = raw.path.rpartition("/")[2]
        try:
            review = json.loads(raw.body)
            token = review["spec"]["token"]
        except (ValueError, KeyError, TypeError):
            return Reply(status=HTTPStatus.BAD_REQUEST, body={"message": "not a TokenReview"})
        status: Json
        try:
            status = {"authenticated": True, "user": self.user(cluster_id, token)}
        except TokenError as fault:
            log.warning("token refused at %s: %s", cluster_id, fault)
            status = {"authenticated": False}
        version = review.get("apiVersion", "authentication.k8s.io/v1")
        return Reply(body={"apiVersion": version, "kind": "TokenReview", "status": status})

    def user(self, cluster_id: str, token: str) -> Json:
        """Who a token speaks for, at one cluster."""
        url = urlsplit(_decode(token))
        host, path = _HOST.fullmatch(url.netloc), _PATH.fullmatch(url.path)
        if url.scheme != "https" or host is None or path is None:
            raise TokenError("not a request to a cluster")
        if path["cluster"] != cluster_id:
            raise TokenError(f"made for {path['cluster']}")
        with self.store.lock:
            cluster = self.store.records.get(cluster_id)
        if cluster is None or not cluster.live or cluster.region != host["region"]:
            raise TokenError(f"no such cluster in {host['region']}")
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        headers = {"host": url.netloc, "date": query.get("date", "")}
        request = Signed(method="GET", target=url.path, headers=headers)
        try:
            proof = verify_signature(self.keys, request, query.get("authorization", ""))
        except ApiError as fault:
            raise TokenError(fault.message) from fault
        if not proof.headers >= _SIGNED:
            raise TokenError("host, date or target are not signed")
        age = age_seconds(headers["date"])
        if age is None or not -LEEWAY_SECONDS <= age <= LIFETIME_SECONDS:
            raise TokenError(f"its date {headers['date']!r} is past")
        user = proof.principal.id
        return {"username": user, "uid": user, "groups": list(GROUPS)}


def _decode(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, ValueError) as fault:
        raise TokenError("not base64") from fault
