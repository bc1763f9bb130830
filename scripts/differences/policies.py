"""Where a template says who may do what: every policy document, and every policy by reference."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scripts.deployment.assembly import SynthesizedStack
from scripts.deployment.templates import Template
from scripts.differences.grants import Grant, Holder, Unread, grants_of
from scripts.differences.home import Home
from scripts.differences.reading import Reader, resource_path

_OF_ONE_THING: Final[Mapping[str, tuple[str, str | None]]] = {
    "AWS::ECR::Repository": ("RepositoryPolicyText", None),
    "AWS::Events::EventBusPolicy": ("Statement", "EventBusName"),
    "AWS::KMS::Key": ("KeyPolicy", None),
    "AWS::Logs::ResourcePolicy": ("PolicyDocument", None),
    "AWS::S3::AccessPoint": ("Policy", None),
    "AWS::S3::BucketPolicy": ("PolicyDocument", "Bucket"),
    "AWS::SNS::TopicPolicy": ("PolicyDocument", "Topics"),
    "AWS::SQS::QueuePolicy": ("PolicyDocument", "Queues"),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy", "SecretId"),
}
"""By type of resource: the property with the document, and the one that says what it belongs to;
None where it belongs to the resource itself."""

_SAYS_ITS_RESOURCES: Final = frozenset(
    {"AWS::S3::BucketPolicy", "AWS::S3::AccessPoint", "AWS::Logs::ResourcePolicy"}
)
_PRINCIPALS: Final = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")
_OF_PRINCIPALS: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::IAM::GroupPolicy": ("GroupName",),
    "AWS::IAM::Policy": ("Roles", "Users", "Groups"),
    "AWS::IAM::RolePolicy": ("RoleName",),
    "AWS::IAM::UserPolicy": ("UserName",),
}
"""By type of resource: the properties that say who holds the policy."""


@dataclass(frozen=True, order=True)
class Attachment:
    """A policy that a role, user or group holds by reference."""

    who: str
    policy: str
    """Its path here, or its name where AWS or somebody else keeps it."""

    boundary: bool = False
    """A permissions boundary limits its holder; to take it away widens."""


@dataclass(frozen=True, kw_only=True)
class Permissions:
    """Who may do what in one environment, as its templates say."""

    grants: frozenset[Grant] = frozenset()
    unread: frozenset[Unread] = frozenset()
    attachments: frozenset[Attachment] = frozenset()
    paths: frozenset[str] = frozenset()
    """Every resource there is: a policy that went with its resource was not taken from it."""


_Policy = Grant | Unread
_Found = _Policy | Attachment


def permissions_of(stacks: Sequence[SynthesizedStack], home: Home | None = None) -> Permissions:
    """Everything that the environment's templates allow and deny; `home` is where it lives."""
    reader = Reader(stacks, home)
    found: list[_Found] = []
    for stack in stacks:
        for logical_id, body in _resources(stack.template).items():
            here = _Here(reader, stack.id, resource_path(stack.id, logical_id, body), body)
            for read in (_identity, _trust, _of_one_thing, _function, _attachments, _elsewhere):
                found += read(here)
    return Permissions(
        grants=frozenset(each for each in found if isinstance(each, Grant)),
        unread=frozenset(each for each in found if isinstance(each, Unread)),
        attachments=frozenset(each for each in found if isinstance(each, Attachment)),
        paths=reader.paths,
    )


def _resources(template: Template) -> Mapping[str, Mapping[str, Any]]:
    return template.get("Resources") or {}


@dataclass(frozen=True)
class _Here:
    """One resource, where it stands."""

    reader: Reader
    stack: str
    path: str
    body: Mapping[str, Any]

    @property
    def type(self) -> str:
        return str(self.body["Type"])

    def property(self, name: str) -> Any:
        return (self.body.get("Properties") or {}).get(name)

    def texts(self, name: str) -> list[str]:
        return self.reader.texts(self.stack, self.property(name))


def _identity(here: _Here) -> Iterator[_Policy]:
    """Policies of roles, users and groups; one that nobody has yet is of whoever gets it."""
    if here.type in (*_OF_PRINCIPALS, "AWS::IAM::ManagedPolicy"):
        named = _OF_PRINCIPALS.get(here.type, ())
        who = tuple(_bare(each) for name in named for each in here.texts(name))
        holder = Holder(stack=here.stack, on=here.path, who=who or (here.path,))
        yield from grants_of(here.reader, holder, here.property("PolicyDocument"))
    if here.type in _PRINCIPALS:
        holder = Holder(stack=here.stack, on=here.path, who=(here.path,))
        inline = here.property("Policies") or []
        for each in inline if isinstance(inline, list) else [inline]:
            readable = isinstance(each, Mapping) and "PolicyDocument" in each
            document = each["PolicyDocument"] if readable else each
            yield from grants_of(here.reader, holder, document)


def _trust(here: _Here) -> Iterator[_Policy]:
    """Who may become a role."""
    if here.type == "AWS::IAM::Role":
        holder = Holder(stack=here.stack, on=here.path, resource=here.path)
        yield from grants_of(here.reader, holder, here.property("AssumeRolePolicyDocument"))


def _of_one_thing(here: _Here) -> Iterator[_Policy]:
    """Policies that belong to what they guard: buckets, keys, queues, topics, secrets."""
    if here.type not in _OF_ONE_THING:
        return
    document, owner = _OF_ONE_THING[here.type]
    value = here.property(document)
    if document == "Statement" and value is not None:
        value = {"Statement": value}
    owners = [_bare(each) for each in here.texts(owner)] if owner else []
    # One that does not say what it belongs to belongs to what AWS takes then: a default bus.
    for on in owners or [here.path]:
        own = None if here.type in _SAYS_ITS_RESOURCES else on
        yield from grants_of(here.reader, Holder(stack=here.stack, on=on, resource=own), value)


def _function(here: _Here) -> Iterator[_Policy]:
    """Who may call a function; its conditions stand in properties."""
    if here.type != "AWS::Lambda::Permission":
        return
    conditions = {
        operator: {key: here.property(name)}
        for operator, key, name in (
            ("ArnLike", "aws:SourceArn", "SourceArn"),
            ("StringEquals", "aws:SourceAccount", "SourceAccount"),
            ("StringLike", "aws:PrincipalOrgID", "PrincipalOrgID"),
        )
        if here.property(name) is not None
    }
    principal = here.property("Principal")
    service = isinstance(principal, str) and "." in principal
    statement = {
        "Effect": "Allow",
        "Principal": {"Service" if service else "AWS": principal},
        "Action": here.property("Action"),
        "Condition": conditions,
    }
    for name in here.texts("FunctionName"):
        function = _bare(name)
        holder = Holder(stack=here.stack, on=function, resource=function)
        yield from grants_of(here.reader, holder, {"Statement": [statement]})


def _attachments(here: _Here) -> Iterator[Attachment]:
    if here.type in _PRINCIPALS:
        for policy in here.texts("ManagedPolicyArns"):
            yield Attachment(here.path, _bare(policy))
        for policy in here.texts("PermissionsBoundary"):
            yield Attachment(here.path, _bare(policy), boundary=True)
    if here.type == "AWS::IAM::ManagedPolicy":
        for member in ("Roles", "Users", "Groups"):
            for who in here.texts(member):
                yield Attachment(_bare(who), here.path)


def _elsewhere(here: _Here) -> Iterator[_Policy]:
    """Whatever looks like a policy in a resource of a type that nothing above knows."""
    known = (*_PRINCIPALS, *_OF_PRINCIPALS, *_OF_ONE_THING, "AWS::IAM::ManagedPolicy")
    if here.type not in known:
        for document in _documents(here.body.get("Properties")):
            statements = document["Statement"]
            of_a_thing = any(
                isinstance(each, Mapping) and {"Principal", "NotPrincipal"} & set(each)
                for each in statements
            )
            yield from grants_of(
                here.reader,
                Holder(stack=here.stack, on=here.path, resource=here.path)
                if of_a_thing
                else Holder(stack=here.stack, on=here.path, who=(here.path,)),
                document,
            )


def _documents(value: object) -> Iterator[Mapping[str, Any]]:
    """The policy documents within a value, each with its statements as a list."""
    if isinstance(value, list):
        for each in value:
            yield from _documents(each)
    if not isinstance(value, Mapping):
        return
    statements = value.get("Statement")
    found = statements if isinstance(statements, list) else [statements]
    if any(isinstance(each, Mapping) and "Effect" in each for each in found):
        yield {"Statement": found}
        return
    for each in value.values():
        yield from _documents(each)


def _bare(text: str) -> str:
    """`${Training/Role.Arn}` is the role itself; of a policy that AWS keeps, its name."""
    if text.startswith("${") and text.endswith("}"):
        return text[2:-1].removesuffix(".Arn")
    return text.rpartition(":policy/")[2] or text
