"""The plugin protocol, over a real connection, with a small package of our own."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from lab.plugins.base.errors import InitError, InputsError, PluginError
from lab.plugins.base.provider import Call, Provider, Resource, State
from lab.plugins.base.values import Secret, encode
from sdks.checking import Failure
from sdks.schema import FunctionSchema, PackageSchema, Property, ResourceSchema
from sdks.values import UNKNOWN, Path, Properties
from tests.lab_unit.plugin_engine import Engine, partial_state, refused, serving, urn

THING = "toy:index:Thing"
INPUTS = {
    "name": Property("str", required=True),
    "size": Property("int"),
    "password": Property("str"),
    "tags": Property(["map", "str"]),
}
OUTPUTS = {**INPUTS, "address": Property("str"), "token": Property("str", secret=True)}
SCHEMA = PackageSchema(
    name="toy",
    version="1.2.3",
    config=ResourceSchema(
        "pulumi:providers:toy",
        {"region": Property("str", required=True), "key": Property("str", secret=True)},
        {"region": Property("str"), "key": Property("str", secret=True)},
    ),
    resources={THING: ResourceSchema(THING, INPUTS, OUTPUTS)},
    functions={
        "toy:index:find": FunctionSchema(
            "toy:index:find", {"name": Property("str", required=True)}, {}
        )
    },
)


class Thing(Resource):
    """Fails by name, so that a test can choose how."""

    def forces_replace(self, path: Path) -> bool:
        return path[0] == "name"

    def create(self, call: Call, inputs: Properties) -> State:
        if inputs["name"] == "half":
            raise InitError(["not ready"], resource_id="i-2", outputs={**inputs, "token": "t"})
        if inputs["name"] == "bug":
            raise KeyError("forgotten")
        return State("i-1", inputs, {**inputs, "address": "10.0.0.1", "token": "t"})

    def read(self, call: Call, state: State) -> State | None:
        return None if state.id == "gone" else state


class Toy(Provider):
    def __init__(self) -> None:
        super().__init__(SCHEMA)
        self.configured: Properties = {}
        self.resources[THING] = Thing(SCHEMA.resources[THING], self.checker)
        self.functions["toy:index:find"] = find

    def configure(self, config: Properties) -> None:
        self.configured = config


def find(call: Call, arguments: Properties) -> Properties:
    if arguments["name"] == "nobody":
        raise InputsError([Failure("name", "nobody has it")])
    return {"id": "found-" + arguments["name"]}


@pytest.fixture(scope="module")
def toy() -> Toy:
    return Toy()


@pytest.fixture(scope="module")
def engine(toy: Toy) -> Iterator[Engine]:
    with serving(toy) as started:
        yield started


def test_a_preview_knows_inputs_and_not_what_is_computed(engine: Engine) -> None:
    assert engine.preview(THING, {"name": "a", "size": UNKNOWN}) == {
        "name": "a",
        "size": UNKNOWN,
        "address": UNKNOWN,
        "token": Secret(UNKNOWN),
    }


def test_a_secret_input_is_a_secret_output(engine: Engine) -> None:
    made = engine.create(THING, {"name": "a", "password": Secret("p")})
    assert made.inputs["password"] == Secret("p")
    assert made.outputs["password"] == Secret("p")


def test_an_output_that_the_schema_marks_is_secret(engine: Engine) -> None:
    made = engine.create(THING, {"name": "a"})
    assert made.outputs == {"name": "a", "address": "10.0.0.1", "token": Secret("t")}


def test_inputs_at_fault_are_told_by_property(engine: Engine) -> None:
    assert engine.faults(THING, {"sise": 3}) == {
        "name": "required property is missing",
        "sise": "unknown property; known are name, password, size, tags",
    }


def test_a_diff_tells_each_path_and_what_replaces(engine: Engine) -> None:
    made = engine.create(THING, {"name": "a", "tags": {"x": "1", "y": "2"}})
    planned = engine.diff(made, {"name": "b", "size": 4, "tags": {"x": "9"}})
    assert planned.changes == {
        "name": "UPDATE_REPLACE",
        "size": "ADD",
        "tags.x": "UPDATE",
        "tags.y": "DELETE",
    }
    assert planned.replaces == ("name",)


def test_a_secret_that_stays_the_same_is_no_change(engine: Engine) -> None:
    made = engine.create(THING, {"name": "a", "password": Secret("p")})
    assert engine.diff(made, {"name": "a", "password": Secret("p")}).changes == {}


def test_an_ignored_change_is_not_told(engine: Engine) -> None:
    made = engine.create(THING, {"name": "a", "size": 1})
    assert engine.diff(made, {"name": "a", "size": 2}, ignored=("size",)).changes == {}


def test_a_preview_of_an_update_keeps_what_is_computed(engine: Engine) -> None:
    made = engine.create(THING, {"name": "a"})
    planned = engine.update(made, {"name": "a", "size": 2}, preview=True)
    assert planned == {"name": "a", "size": 2, "address": "10.0.0.1", "token": Secret("t")}


def test_what_is_gone_is_told_by_an_empty_read(engine: Engine) -> None:
    made = engine.create(THING, {"name": "a"})
    made.id = "gone"
    assert engine.refresh(made) is None


def test_a_resource_that_did_not_come_up_is_kept_with_its_secrets_marked(engine: Engine) -> None:
    request = pb.CreateRequest(
        urn=urn(THING, "x"), properties=encode({"name": "half", "password": Secret("p")})
    )
    with pytest.raises(grpc.RpcError) as fault:
        engine.stub.Create(request)
    left = partial_state(fault.value)
    assert (left.id, list(left.reasons)) == ("i-2", ["not ready"])
    outputs = {"name": "half", "password": Secret("p"), "token": Secret("t")}
    assert left.properties == encode(outputs)


def test_a_bug_reaches_the_user_with_its_trace(engine: Engine) -> None:
    with refused() as told:
        engine.create(THING, {"name": "bug"})
    assert told[0].startswith("Traceback")
    assert told[0].endswith("KeyError: 'forgotten'\n")


def test_a_type_that_is_not_served_is_named(engine: Engine) -> None:
    with refused() as told:
        engine.create("toy:index:Other", {})
    assert told[0] == (
        "resource type toy:index:Other: the lab's plugin does not serve it; "
        "it serves toy:index:Thing"
    )


def test_a_child_resource_is_known_by_the_last_part_of_its_type(engine: Engine) -> None:
    where = f"urn:pulumi:dev::test::okemesh:network:Vcn${THING}::child"
    made = engine.stub.Create(pb.CreateRequest(urn=where, properties=encode({"name": "a"})))
    assert made.id == "i-1"


def test_a_function_answers(engine: Engine) -> None:
    assert engine.invoke("toy:index:find", {"name": "a"}) == {"id": "found-a"}


def test_a_functions_missing_argument_is_a_failure(engine: Engine) -> None:
    answer = engine.stub.Invoke(pb.InvokeRequest(tok="toy:index:find"))
    assert [(item.property, item.reason) for item in answer.failures] == [
        ("name", "required property is missing")
    ]


def test_a_functions_own_refusal_names_the_argument(engine: Engine) -> None:
    with refused() as told:
        engine.invoke("toy:index:find", {"name": "nobody"})
    assert told == ["name: nobody has it"]


def test_a_providers_settings_arrive_plain_and_typed(engine: Engine, toy: Toy) -> None:
    engine.configure(region="here", key=Secret("k"), version="1.2.3")
    assert toy.configured == {"region": "here", "key": "k"}


def test_a_providers_secret_settings_stay_secret(engine: Engine) -> None:
    news = encode({"region": "here", "key": "k"})
    answer = engine.stub.CheckConfig(pb.CheckRequest(urn=urn("p", "x"), news=news))
    assert answer.inputs == encode({"region": "here", "key": Secret("k")})


def test_a_provider_without_a_required_setting_is_refused(engine: Engine) -> None:
    answer = engine.stub.CheckConfig(pb.CheckRequest(urn=urn("p", "x")))
    assert [item.property for item in answer.failures] == ["region"]


def test_a_plugin_tells_its_version(engine: Engine) -> None:
    from google.protobuf.empty_pb2 import Empty  # noqa: PLC0415 - only this request is empty

    assert engine.stub.GetPluginInfo(Empty()).version == "1.2.3"


def test_a_method_of_a_resource_is_refused(engine: Engine) -> None:
    with refused() as told:
        engine.stub.Call(pb.CallRequest(tok="toy:index:Thing/do"))
    assert told == ["method toy:index:Thing/do: the lab's plugin serves no resource methods"]


def test_a_deadline_tells_the_last_state() -> None:
    call = Call(urn="u", name="pool", type="t", timeout=1)
    with pytest.raises(PluginError, match=r"^pool: not ready after 1 s; last state: CREATING$"):
        call.wait(2, within=60, state="CREATING")


def test_a_cancelled_call_does_not_wait() -> None:
    call = Call(urn="u", name="pool", type="t")
    call.cancelled.set()
    with pytest.raises(PluginError, match=r"^pool: cancelled; last state: CREATING$"):
        call.wait(5, within=60, state="CREATING")
