"""The release files of both sides, role by role: which model, how good, how much traffic, why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from config.release import Release
from config.released_model import ReleasedModel
from config.roles import SHADOW, in_order
from config.served_in import Override, ServedIn
from scripts.differences.words import Phrase, listed, phrase

ACCURACY: Final = "validation_accuracy"
_NONE: Final = "-"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing about a role's model that is not the same on both sides."""

    what: Phrase
    before: str
    after: str
    delta: str = ""

    def to_value(self) -> dict[str, str]:
        """As JSON has it."""
        return {**vars(self), "what": str(self.what)}


@dataclass(frozen=True, kw_only=True)
class ModelDifference:
    """One role of a release, where it changes."""

    role: str
    before: ReleasedModel | None
    after: ReleasedModel | None
    rows: tuple[Row, ...]

    @property
    def accuracy_lost(self) -> float | None:
        """By how much the validation accuracy falls, from 0 to 1; None where it does not."""
        if self.before is None or self.after is None:
            return None
        lost = self.before.metrics[ACCURACY] - self.after.metrics[ACCURACY]
        return lost if lost > 0 else None

    @property
    def override(self) -> Override | None:
        """The override that this change brings: one speaks for one model and for no other."""
        if self.after is None or self.after.override is None:
            return None
        known = self.before is not None and (
            (self.before.artifact_sha256, self.before.override)
            == (self.after.artifact_sha256, self.after.override)
        )
        return None if known else self.after.override

    @property
    def trust(self) -> tuple[Phrase, ...]:
        """Who says that it may be deployed, where that is not who said so before."""
        override = self.override
        passed = (
            ()
            if override is None
            else (
                phrase(
                    "passed over {}, because {} said at {}: {}",
                    listed(override.gates),
                    override.by,
                    override.at,
                    override.reason,
                ),
            )
        )
        return (*_served(self.before, self.after), *passed)

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "role": self.role,
            "before": self.before.to_value() if self.before else None,
            "after": self.after.to_value() if self.after else None,
            "rows": [row.to_value() for row in self.rows],
            "trust": [str(text) for text in self.trust],
        }


def model_differences(before: Release | None, after: Release | None) -> tuple[ModelDifference, ...]:
    """The roles that change, in the order of the roles."""
    old, new = before.models if before else {}, after.models if after else {}
    found = []
    for role in in_order({*old, *new}):
        rows = (*_rows(old.get(role), new.get(role)), *_traffic(role, before, after))
        each = ModelDifference(role=role, before=old.get(role), after=new.get(role), rows=rows)
        if rows or each.trust:
            found.append(each)
    return tuple(found)


def _rows(old: ReleasedModel | None, new: ReleasedModel | None) -> Iterator[Row]:
    yield from _differing(
        "training job", _of(old, "training_job_name"), _of(new, "training_job_name")
    )
    yield from _metrics(old, new)
    for what, member in (
        ("dataset", "dataset_id"),
        ("image", "image"),
        ("format", "artifact_format"),
        ("image shape", "image_shape"),
    ):
        yield from _differing(what, _of(old, member), _of(new, member))
    yield from _differing("artifact", _artifact(old), _artifact(new))
    yield from _classes(old, new)
    if old is not None and new is not None:
        for name in sorted({*old.hyperparameters, *new.hyperparameters}):
            yield from _differing(
                phrase("hyperparameter {}", name),
                old.hyperparameters.get(name),
                new.hyperparameters.get(name),
            )


def _differing(what: str | Phrase, before: str | None, after: str | None) -> Iterator[Row]:
    if before != after:
        name = phrase(what) if isinstance(what, str) else what
        yield Row(what=name, before=before or _NONE, after=after or _NONE)


def _of(model: ReleasedModel | None, member: str) -> str | None:
    return None if model is None else str(getattr(model, member))


def _metrics(old: ReleasedModel | None, new: ReleasedModel | None) -> Iterator[Row]:
    """The validation accuracy always where the model changes: it is what it is judged by."""
    before: Mapping[str, float] = old.metrics if old else {}
    after: Mapping[str, float] = new.metrics if new else {}
    changed = _artifact(old) != _artifact(new)
    names = sorted({*before, *after}, key=lambda name: (name != ACCURACY, name))
    for name in names:
        was, is_ = before.get(name), after.get(name)
        if was != is_ or (changed and name == ACCURACY):
            yield Row(
                what=phrase("validation accuracy") if name == ACCURACY else phrase("{}", name),
                before=_number(was),
                after=_number(is_),
                delta="" if was is None or is_ is None else f"{_rounded(is_ - was):+g}",
            )


def _number(value: float | None) -> str:
    return _NONE if value is None else f"{value:.6g}"


def _rounded(value: float) -> float:
    # 0.97 - 0.98 is -0.010000000000000009 for a float.
    return round(value, 6) + 0.0


def _artifact(model: ReleasedModel | None) -> str | None:
    if model is None:
        return None
    return f"{model.artifact_sha256[:12]}, {model.artifact_size_bytes:,} bytes"


def _classes(old: ReleasedModel | None, new: ReleasedModel | None) -> Iterator[Row]:
    before, after = old.class_names if old else (), new.class_names if new else ()
    if before == after:
        return
    added = [name for name in after if name not in before]
    gone = [name for name in before if name not in after]
    if old is None or new is None or not (added or gone):
        yield Row(
            what=phrase("classes"),
            before=", ".join(before) or _NONE,
            after=", ".join(after) or _NONE,
        )
        return
    yield Row(
        what=phrase("classes"),
        before=f"{len(before)}: without {', '.join(added)}" if added else str(len(before)),
        after=f"{len(after)}: without {', '.join(gone)}" if gone else str(len(after)),
    )


def _proof(model: ReleasedModel | None) -> ServedIn | None:
    return model.served_in if model else None


def _served(old: ReleasedModel | None, new: ReleasedModel | None) -> Iterator[Phrase]:
    proof = _proof(new)
    if new is None or proof == _proof(old):
        return
    if proof is None:
        yield phrase("brings no proof that it was served elsewhere, as the one before it did")
        return
    yield phrase(
        "was served in {} as {} by {}; promoted by {} at {} from commit {}",
        proof.environment,
        proof.role,
        listed(proof.endpoints),
        proof.by,
        proof.at,
        proof.commit[:9],
    )


def _traffic(role: str, before: Release | None, after: Release | None) -> Iterator[Row]:
    was, is_ = share_of(role, before), share_of(role, after)
    if was != is_:
        yield Row(what=phrase("traffic"), before=_percent(was), after=_percent(is_))


def share_of(role: str, release: Release | None) -> float | None:
    """The part of the requests that a role answers, from 0 to 1; None where it answers none."""
    if release is None or role not in release.models or role == SHADOW:
        return None
    return release.weights[role] / sum(release.weights.values())


def _percent(share: float | None) -> str:
    return _NONE if share is None else f"{100 * share:.4g} %"
