"""Kubeconfigs are named, signed in and merged as text, with the same bytes each time."""

import pytest
import yaml

from components.cloud.kubeconfig import SignIn, cli_sign_in, merge_kubeconfigs, named_kubeconfig
from components.settings.oci import OciSettings
from tests.support.outputs import KUBECONFIG

BASE = {"compartmentId": "ocid1.compartment.oc1..c"}
GENERATE = [
    *("ce", "cluster", "generate-token", "--cluster-id", "ocid1.cluster.oc1.test.x"),
    *("--region", "test"),
]


def named(name: str = "primary-cluster", **options: str) -> str:
    return named_kubeconfig(KUBECONFIG, name, sign_in=SignIn(), **options)


def sign_in(**changes: str) -> SignIn:
    return cli_sign_in(OciSettings.model_validate({**BASE, **changes}))


def test_cluster_user_and_context_bear_the_name() -> None:
    document = yaml.safe_load(named())
    assert document["clusters"][0]["name"] == "primary-cluster"
    assert document["users"][0]["name"] == "primary-cluster"
    assert document["contexts"] == [
        {
            "name": "primary-cluster",
            "context": {"cluster": "primary-cluster", "user": "primary-cluster"},
        }
    ]
    assert document["current-context"] == "primary-cluster"


def test_server_and_authority_stay_as_oke_gives_them() -> None:
    assert yaml.safe_load(named())["clusters"][0]["cluster"] == {
        "server": "https://203.0.113.9:6443",
        "certificate-authority-data": "Y2E=",
    }


def test_the_user_signs_in_through_the_command_line() -> None:
    assert yaml.safe_load(named())["users"][0]["user"] == {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "oci",
            "args": GENERATE,
            "env": [],
            "installHint": (
                "Activate the virtual environment of oke-mesh, or install the OCI command line."
            ),
        }
    }


def test_a_proxy_is_part_of_the_cluster() -> None:
    cluster = yaml.safe_load(named(proxy_url="socks5://127.0.0.1:10080"))["clusters"][0]["cluster"]
    assert cluster["proxy-url"] == "socks5://127.0.0.1:10080"


def test_sign_in_is_added_to_the_command() -> None:
    text = named_kubeconfig(
        KUBECONFIG, "a", sign_in=SignIn(arguments=("--profile", "x"), environment={"B": "2"})
    )
    command = yaml.safe_load(text)["users"][0]["user"]["exec"]
    assert command["args"] == [*GENERATE, "--profile", "x"]
    assert command["env"] == [{"name": "B", "value": "2"}]


def test_equal_inputs_give_equal_bytes() -> None:
    assert named() == named()


@pytest.mark.parametrize("text", [named(), merge_kubeconfigs({"a": named("a")})])
def test_keys_are_in_the_order_of_the_alphabet(text: str) -> None:
    """So the order in which OKE answers is no change."""
    assert text == yaml.safe_dump(yaml.safe_load(text), sort_keys=True, width=10_000)


@pytest.mark.parametrize("text", ["", "[]", "just words"], ids=["empty", "a list", "words"])
def test_what_is_no_kubeconfig_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a kubeconfig: its text is no map$"):
        named_kubeconfig(text, "a", sign_in=SignIn())


def test_a_kubeconfig_of_two_clusters_is_refused() -> None:
    two = merge_kubeconfigs({"a": named("a"), "b": named("b")})
    with pytest.raises(ValueError, match=r"^a kubeconfig of one cluster has 2 clusters$"):
        named_kubeconfig(two, "c", sign_in=SignIn())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, SignIn(environment={}), id="default profile"),
        pytest.param(
            {"profile": "WORK"},
            SignIn(arguments=("--profile", "WORK"), environment={}),
            id="a profile",
        ),
        pytest.param(
            {"auth": "securityToken", "profile": "WORK"},
            SignIn(arguments=("--auth", "security_token", "--profile", "WORK")),
            id="a session",
        ),
        pytest.param(
            {"auth": "instancePrincipal"},
            SignIn(arguments=("--auth", "instance_principal")),
            id="an instance",
        ),
        pytest.param(
            {"auth": "resourcePrincipal"},
            SignIn(arguments=("--auth", "resource_principal")),
            id="a resource",
        ),
        pytest.param(
            {
                "tenancyId": "ocid1.tenancy.oc1..t",
                "userId": "ocid1.user.oc1..u",
                "fingerprint": ":".join(["aa"] * 16),
                "privateKeyPath": "/keys/oci.pem",
            },
            SignIn(
                environment={
                    "OCI_CLI_TENANCY": "ocid1.tenancy.oc1..t",
                    "OCI_CLI_USER": "ocid1.user.oc1..u",
                    "OCI_CLI_FINGERPRINT": ":".join(["aa"] * 16),
                    "OCI_CLI_KEY_FILE": "/keys/oci.pem",
                }
            ),
            id="a key given field by field",
        ),
    ],
)
def test_the_command_line_signs_in_as_the_program_does(
    changes: dict[str, str], expected: SignIn
) -> None:
    assert sign_in(**changes) == expected


def test_a_merged_kubeconfig_has_every_context_by_key() -> None:
    merged = yaml.safe_load(merge_kubeconfigs({"b": named("two"), "a": named("one")}))
    assert [entry["name"] for entry in merged["contexts"]] == ["one", "two"]
    assert [entry["name"] for entry in merged["clusters"]] == ["one", "two"]
    assert [entry["name"] for entry in merged["users"]] == ["one", "two"]


def test_the_current_context_is_that_of_the_first_key() -> None:
    merged = yaml.safe_load(merge_kubeconfigs({"b": named("one"), "a": named("two")}))
    assert merged["current-context"] == "two"


def test_two_clusters_of_one_name_are_not_merged() -> None:
    with pytest.raises(ValueError, match=r"^clusters of the same name in two kubeconfigs: one$"):
        merge_kubeconfigs({"a": named("one"), "b": named("one")})


def test_nothing_is_not_merged() -> None:
    with pytest.raises(ValueError, match=r"^no kubeconfig to merge$"):
        merge_kubeconfigs({})
