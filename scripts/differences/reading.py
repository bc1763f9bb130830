"""Values of a template as a person reads them: a token by the path of what it stands for.

The same thing has the same text on both sides, whatever its logical id and whichever stack says it:
`{"Fn::GetAtt": ["ArtifactsBucket88671897", "Arn"]}` and the import of it in another stack are
`${Data/Artifacts/Bucket.Arn}`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scripts.deployment.assembly import SynthesizedStack
from scripts.deployment.templates import path_of
from scripts.differences.home import Home

_SUBSTITUTED: Final = re.compile(r"\$\{([^!}][^}]*)\}")
_LITERAL: Final = re.compile(r"\$\{!([^}]*)\}")
_DEEPEST: Final = 20
"""An import of an import of an import ...: a circle of exports ends here."""


class Reader:
    """Reads the values in one environment's templates."""

    def __init__(self, stacks: Sequence[SynthesizedStack], home: Home | None = None) -> None:
        self._home = home or Home()
        self._paths = {
            stack.id: {
                key: resource_path(stack.id, key, body)
                for key, body in (stack.template.get("Resources") or {}).items()
            }
            for stack in stacks
        }
        self._exports: dict[str, tuple[str, object]] = {}
        for stack in stacks:
            for output in (stack.template.get("Outputs") or {}).values():
                name = (output.get("Export") or {}).get("Name")
                if isinstance(name, str):
                    self._exports[name] = stack.id, output.get("Value")

    @property
    def paths(self) -> frozenset[str]:
        """Every resource there is."""
        return frozenset(path for paths in self._paths.values() for path in paths.values())

    def text(self, stack: str, value: object) -> str:
        """One value of the stack with this id."""
        return self._home.told(self._text(stack, value))

    def _text(self, stack: str, value: object, depth: int = 0) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, dict) and len(value) == 1 and depth < _DEEPEST:
            ((function, inner),) = value.items()
            try:
                found = self._function(stack, function, inner, depth + 1)
            except (LookupError, TypeError, AttributeError):  # CloudFormation will refuse it.
                found = None
            if found is not None:
                return found
        return json.dumps(value, sort_keys=True, default=str)

    def texts(self, stack: str, value: object) -> list[str]:
        """A value that is one or a list of several."""
        values = value if isinstance(value, list) else [] if value is None else [value]
        return [self.text(stack, each) for each in values]

    def _function(self, stack: str, function: str, inner: Any, depth: int) -> str | None:
        if function == "Ref":
            return f"${{{self._path(stack, str(inner))}}}"
        if function == "Fn::GetAtt":
            logical_id, _, attribute = (
                inner.partition(".") if isinstance(inner, str) else (inner[0], ".", inner[1])
            )
            return f"${{{self._path(stack, logical_id)}.{self._text(stack, attribute, depth)}}}"
        if function == "Fn::Join" and isinstance(inner[1], list):
            return str(inner[0]).join(self._text(stack, each, depth) for each in inner[1])
        if function == "Fn::ImportValue":
            name = self._text(stack, inner, depth)
            if name not in self._exports:
                return f"${{import of {name}}}"
            other, value = self._exports[name]
            return self._text(other, value, depth)
        if function == "Fn::Sub":
            return self._substituted(stack, inner, depth)
        return None

    def _substituted(self, stack: str, inner: Any, depth: int) -> str:
        text, given = (inner, {}) if isinstance(inner, str) else (inner[0], inner[1])

        def replaced(found: re.Match[str]) -> str:
            name = found[1]
            if name in given:
                return self._text(stack, given[name], depth)
            function = "Fn::GetAtt" if "." in name else "Ref"
            return str(self._function(stack, function, name, depth))

        return _LITERAL.sub(r"${\1}", _SUBSTITUTED.sub(replaced, text))

    def _path(self, stack: str, logical_id: str) -> str:
        return self._paths.get(stack, {}).get(logical_id, logical_id)


def resource_path(stack: str, logical_id: str, body: Mapping[str, Any]) -> str:
    """`Data/Artifacts/Bucket`: the stack's name within its environment, then the app's path."""
    return f"{stack.partition('/')[2] or stack}/{path_of(logical_id, body)}"
