"""The page of settings is what the models say."""

from docs.generate_settings import FILE, render


def test_the_page_of_settings_is_up_to_date() -> None:
    assert FILE.read_text() == render(), "run `python -m docs.generate_settings`"


def test_every_place_of_the_settings_has_a_table() -> None:
    titles = [line for line in render().splitlines() if line.startswith("## `clusters")]
    assert titles == [
        "## `clusters.<key>`",
        "## `clusters.<key>.nodePools.<name>`",
        "## `clusters.<key>.nodePools.<name>.image`",
        "## `clusters.<key>.nodePools.<name>.cycling`",
        "## `clusters.<key>.nodePools.<name>.autoscaler`",
        "## `clusters.<key>.egress`",
        "## `clusters.<key>.extraRules.<name>`",
        "## `clusters.<key>.extraRoutes.<name>`",
        "## `clusters.<key>.subnets`",
        "## `clusters.<key>.existing`",
        "## `clusters.<key>.existing.subnets`",
        "## `clusters.<key>.addons.<name>`",
    ]


def test_a_row_says_what_a_setting_takes_and_what_it_is_without() -> None:
    rows = render().splitlines()
    assert (
        "| `bootVolumeGb` | whole number from 50 to 32768 | `150` | Size of a node's boot volume. |"
    ) in rows
    assert (
        "| `availabilityDomains` | list: whole number from 1 to 3 | none | "
        "Numbers of the availability domains to spread over; none means all of the region. |"
    ) in rows
