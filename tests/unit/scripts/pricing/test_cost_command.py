"""`darkroom cost`, and its screen."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from click.testing import CliRunner
from rich.console import Console

from config.environments import ENVIRONMENTS, PROD
from config.release import RELEASES, Release, check_fit, read_release
from config.settings import Settings
from config.traffic import check_roles
from config.training import TrainingSettings
from scripts.cost import Quantity, command
from scripts.deployment.assembly import stacks_of
from scripts.deployment.planned import planned_endpoints
from scripts.pricing import Estimate, Usage, estimate, read_prices
from scripts.pricing.break_even import compare
from scripts.pricing.first_release import first_release, synthesized_with_first_release
from scripts.pricing.line import Line
from scripts.pricing.screen import estimate_screen
from scripts.pricing.training import training_lines
from scripts.training.request import image_of
from tests.unit.scripts.pricing.templates import endpoint, instances, scaled, serverless, template

COLD = endpoint(serverless(4096, at_once=20), name="darkroom-prod-serverless")


def test_the_working_tree_is_priced_with_its_assumptions_and_sources() -> None:
    ran = CliRunner().invoke(
        command, ["--env", "dev", "--json", "--stored-gb", "100", "--training-hours", "3"]
    )
    assert ran.exit_code == 0, ran.output
    value = json.loads(ran.stdout)
    lines = {line["item"]: line for line in value["lines"]}
    assert lines["s3-standard"]["quantity"]["least"] == 100
    assert lines["training:ml.g4dn.xlarge"]["usd"]["least"] == pytest.approx(3 * 0.736)
    assert value["sources"]["s3-standard"]["kind"] == "price list"
    assert value["usage"]["stored_gb"] == 100
    assert value["environment"] == "dev"
    # With a release or without one: an environment's endpoints are most of what it costs.
    assert {"darkroom-dev-realtime", "darkroom-dev-serverless"} <= {
        line["group"] for line in value["lines"]
    }
    assert value["break_even"]["realtime"] == "darkroom-dev-realtime"
    assert value["released"] == (read_release("dev") is not None)
    if not value["released"]:
        assert 0 < value["usd_until_released"]["most"] < value["known_usd"]["least"]
    assert value["longest_training_job_usd"] == pytest.approx(24 * 0.736)


@pytest.mark.parametrize("amount", ["lots", "-5", "NaN", "1,00", "1,0000", ",1", "1,000,00"])
def test_an_assumption_that_is_no_number_is_refused_before_any_synth(amount: str) -> None:
    ran = CliRunner().invoke(command, ["--env", "dev", f"--requests-per-month={amount}"])
    assert ran.exit_code == 2
    assert ran.stdout == ""


def test_no_time_a_request_is_wrong_usage() -> None:
    ran = CliRunner().invoke(command, ["--env", "dev", "--milliseconds", "0"])
    assert ran.exit_code == 2
    assert "nothing takes no time" in ran.output


@pytest.mark.parametrize("amount", ["1000000.5", "1,000,000.5", "1_000_000.5"])
def test_thousands_may_stand_apart(amount: str) -> None:
    assert Quantity().convert(amount, None, None) == Decimal("1000000.5")


def _screen(
    *parts: dict[str, object],
    width: int,
    usage: Usage,
    more: tuple[Line, ...] = (),
    until_released: Estimate | None = None,
) -> str:
    prices = read_prices()
    templates = [template(*parts)]
    found = estimate(templates, "us-east-1", usage, prices).plus(*more)
    compared = compare(templates, "us-east-1", usage, prices)
    items = [line.item for line in found.lines if line.item]
    sources = prices.sources_for("us-east-1", items)
    console = Console(file=StringIO(), width=width, color_system=None)
    with console.capture() as captured:
        console.print(
            estimate_screen("prod in us-east-1", found, compared, sources, until_released)
        )
    return captured.get()


@pytest.mark.parametrize("settings", ENVIRONMENTS.values(), ids=list(ENVIRONMENTS))
def test_every_environment_could_serve_its_first_release(settings: Settings) -> None:
    release = Release.from_json(first_release(settings).to_json(), "prod.json")
    check_roles(settings.traffic, release)
    for model in release.models.values():
        check_fit(model, settings.name, settings.algorithm, image_of(settings))


def test_before_the_first_release_the_endpoints_of_the_settings_are_synthesized() -> None:
    before = {file: file.read_bytes() for file in RELEASES.glob("*.json")}
    with synthesized_with_first_release(PROD) as assembly:
        stacks = stacks_of(assembly, "prod")
        others = stacks_of(assembly, "dev")
    planned = {
        name: [variant.name for variant in each.variants]
        for stack in stacks
        for name, each in planned_endpoints(stack.template).items()
    }
    alone = ["champion"]
    assert planned == {"darkroom-prod-realtime": alone, "darkroom-prod-serverless": alone}
    assert not any(planned_endpoints(stack.template) for stack in others)
    assert before == {file: file.read_bytes() for file in RELEASES.glob("*.json")}


def test_an_estimate_without_a_release_begins_with_saying_so() -> None:
    line = training_lines(PROD.training, Decimal(1), "us-east-1", read_prices())
    parts = (endpoint(instances()), COLD)
    now = estimate([], "us-east-1", Usage(), read_prices()).plus(*line)
    text = _screen(*parts, width=80, usage=Usage(), more=line, until_released=now)
    first, *others = text.splitlines()
    assert first.rstrip().endswith("a month once it has a release")
    assert "it has none yet" in others[0]
    assert "until then it costs $1.41 a month" in " ".join(" ".join(others[:2]).split())
    assert "release" not in _screen(*parts, width=80, usage=Usage(), more=line)


@pytest.mark.parametrize("width", [80, 120])
def test_every_sum_of_a_scaled_fleet_stands_on_one_line(width: int) -> None:
    text = _screen(
        endpoint(instances("ml.m5.xlarge", 2), name="darkroom-prod-realtime"),
        scaled(2, 6, name="darkroom-prod-realtime"),
        COLD,
        width=width,
        usage=Usage(),
    )
    (line,) = (row for row in text.splitlines() if "champion: 2..6" in row)
    assert line.split("  ", 1)[0] == ""
    assert "1,460..4,380 h x $0.23" in line
    assert line.rstrip().endswith("$335.80 to $1,007.40")
    assert "they cost the same at 28,750 requests an hour" in text
    assert "calculated, not read: data into endpoints, serverless inference with 4096 MB" in (
        " ".join(text.split())
    )
    assert max(map(len, text.splitlines())) <= width


def test_what_is_not_known_makes_the_sum_a_least_one() -> None:
    settings = TrainingSettings(instance_type="ml.p9.xlarge")
    more = training_lines(settings, Decimal(2), "us-east-1", read_prices())
    text = _screen(endpoint(instances()), width=80, usage=Usage(), more=more)
    assert "prod in us-east-1: at least $84" in text
    assert "training on ml.p9.xlarge in us-east-1: in no sum above, and not free" in text


def test_a_throttled_serverless_endpoint_is_not_called_cheaper() -> None:
    usage = Usage(requests_per_month=Decimal(730 * 100_000), requests_at_once=Decimal(10))
    text = _screen(
        endpoint(instances("ml.m5.xlarge", 1)),
        endpoint(serverless(4096, at_once=1), name="darkroom-prod-serverless"),
        width=120,
        usage=usage,
    )
    assert "it would throttle" in text
    (fleet,) = (row for row in text.splitlines() if row.rstrip().endswith("cheaper"))
    assert "darkroom-dev-realtime" in fleet
