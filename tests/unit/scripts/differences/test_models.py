"""Two release files side by side."""

from dataclasses import replace

from config.release import Release
from config.served_in import Override
from scripts.differences.models import ModelDifference, model_differences
from scripts.differences.settings import gates_lowered, setting_differences
from tests.releases import any_model, any_release


def rows(found: ModelDifference) -> dict[str, tuple[str, str, str]]:
    return {str(row.what): (row.before, row.after, row.delta) for row in found.rows}


def test_metrics_stand_side_by_side_with_their_difference() -> None:
    old = any_release(metrics={"validation_accuracy": 0.98, "best_epoch": 4})
    new = any_release(trained="second", metrics={"validation_accuracy": 0.97, "best_epoch": 4})
    (found,) = model_differences(old, new)
    assert rows(found)["validation accuracy"] == ("0.98", "0.97", "-0.01")
    assert "best_epoch" not in rows(found)
    assert found.accuracy_lost is not None
    assert model_differences(new, old)[0].accuracy_lost is None


def test_the_accuracy_of_another_model_is_shown_also_when_it_is_the_same() -> None:
    (found,) = model_differences(any_release(), any_release(trained="second"))
    assert rows(found)["validation accuracy"] == ("0.98", "0.98", "+0")


def test_classes_that_come_and_go_are_named() -> None:
    new = any_release(trained="second", class_names=("cat", "fox"))
    (found,) = model_differences(any_release(), new)
    assert rows(found)["classes"] == ("2: without fox", "2: without dog", "")


def test_a_hyperparameter_that_differs_is_shown_and_no_other() -> None:
    new = any_release(
        trained="second", hyperparameters={"num_classes": "2", "num_training_samples": "200"}
    )
    found = rows(model_differences(any_release(), new)[0])
    assert found["hyperparameter num_training_samples"] == ("100", "200", "")
    assert "hyperparameter num_classes" not in found


def test_a_share_of_the_traffic_that_moves_changes_both_roles() -> None:
    models = {"champion": any_model(), "challenger": any_model("second")}
    old = Release(environment="dev", models=models, weights={"champion": 9, "challenger": 1})
    new = old.with_weights({"champion": 5, "challenger": 5})
    found = model_differences(old, new)
    assert [(each.role, rows(each)) for each in found] == [
        ("champion", {"traffic": ("90 %", "50 %", "")}),
        ("challenger", {"traffic": ("10 %", "50 %", "")}),
    ]


def test_only_an_override_that_the_change_brings_is_one() -> None:
    override = Override(
        gates=("served_in",), reason="urgent", by="ada", at="2026-11-20T12:00:00+00:00"
    )
    passed = replace(any_model(), override=override)
    old, new = any_release(), replace(any_release(), models={"champion": passed})
    assert model_differences(old, new)[0].override == override
    assert model_differences(new, new) == ()
    # The same person's word for the model before it does not speak for another model.
    other = replace(new, models={"champion": replace(any_model("second"), override=override)})
    assert model_differences(new, other)[0].override == override


def test_the_same_release_is_no_difference() -> None:
    assert model_differences(any_release(), any_release()) == ()
    assert model_differences(None, None) == ()


def test_a_setting_is_told_by_its_place_and_a_changed_kind_as_a_whole() -> None:
    old = {"rollout": {"": "Canary", "wait_seconds": 600}, "gates": {"": "G", "margin": 0.1}}
    new = {"rollout": {"": "AllAtOnce", "watch_seconds": 60}, "gates": {"": "G", "margin": 0.2}}
    found = {each.name: (each.before, each.after) for each in setting_differences(old, new)}
    assert found == {
        "rollout": ("Canary, wait_seconds 600", "AllAtOnce, watch_seconds 60"),
        "gates.margin": ("0.1", "0.2"),
    }


def test_a_setting_that_one_side_has_is_told_member_by_member_and_in_words() -> None:
    old = {"vpc": None, "kept": {"": "S", "of": []}, "off": True}
    new = {
        "vpc": {"": "VpcSettings", "subnet_ids": ["a", "b"], "zone": None},
        "kept": None,
        "off": False,
        "gates": {"": "G", "margin": 0.1, "served_in": None},
        "bootstrap": {"": "BootstrapSettings", "trusted_accounts": []},
    }
    found = {each.name: (each.before, each.after) for each in setting_differences(old, new)}
    assert found == {
        "vpc.subnet_ids": ("none", "a, b"),
        "kept": ("S, nothing set", "none"),
        "off": ("on", "off"),
        "gates.margin": ("-", "0.1"),
        "bootstrap": ("-", "BootstrapSettings, nothing set"),
    }
    back = {each.name: (each.before, each.after) for each in setting_differences(new, old)}
    assert back == {name: (after, before) for name, (before, after) in found.items()}


def test_gates_that_let_more_through_are_lowered_and_stricter_ones_are_not() -> None:
    strict = {
        "gates": {"minimum_validation_accuracy": 0.9, "champion_margin": 0.01, "served_in": "dev"}
    }
    loose = {
        "gates": {"minimum_validation_accuracy": 0.8, "champion_margin": None, "served_in": None}
    }
    assert len(gates_lowered(strict, loose)) == 3
    assert gates_lowered(loose, strict) == ()
    assert gates_lowered({}, strict) == ()
