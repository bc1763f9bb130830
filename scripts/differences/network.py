"""Who can reach what over the network that could not before, resource by resource."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from scripts.deployment.assembly import SynthesizedStack
from scripts.differences.reading import Reader, resource_path
from scripts.differences.widening import Widening
from scripts.differences.words import Phrase, phrase

_ANYWHERE: Final = ("0.0.0.0/0", "::/0")
_BLOCKS: Final = (
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "IgnorePublicAcls",
    "RestrictPublicBuckets",
)
_PEERS: Final = (
    "CidrIp",
    "CidrIpv6",
    "SourceSecurityGroupId",
    "DestinationSecurityGroupId",
    "SourcePrefixListId",
    "DestinationPrefixListId",
)

Opening = tuple[bool, Phrase]
"""What a resource lets through; and whether that is worth a word of a resource that is new."""

_Texts = Callable[[object], str]


def network_widening(
    before: Sequence[SynthesizedStack], after: Sequence[SynthesizedStack]
) -> Widening:
    """The openings that one side has and the other has not."""
    old, new = dict(_openings(before)), dict(_openings(after))
    wider: list[Phrase] = []
    narrower: list[Phrase] = []
    for path, openings in new.items():
        known = {text for _, text in old.get(path, ())}
        wider += [
            phrase("{} {}", path, text)
            for even_new, text in openings
            if text not in known and (even_new or path in old)
        ]
    for path, openings in old.items():
        if path not in new:
            continue  # What is gone lets nothing through; that it is gone is said of itself.
        left = {text for _, text in new[path]}
        narrower += [
            phrase("{} no longer {}", path, text) for _, text in openings if text not in left
        ]
    return Widening(wider=tuple(wider), narrower=tuple(narrower))


def _openings(
    stacks: Sequence[SynthesizedStack],
) -> Iterator[tuple[str, tuple[Opening, ...]]]:
    reader = Reader(stacks)
    for stack in stacks:

        def texts(value: object, stack_id: str = stack.id) -> str:
            return reader.text(stack_id, value)

        for logical_id, body in (stack.template.get("Resources") or {}).items():
            find = _BY_TYPE.get(body["Type"])
            if find is not None:
                properties = body.get("Properties") or {}
                path = resource_path(stack.id, logical_id, body)
                yield path, tuple(find(properties, texts))


def _bucket(properties: Mapping[str, Any], texts: _Texts) -> Iterator[Opening]:
    block = properties.get("PublicAccessBlockConfiguration") or {}
    for name in _BLOCKS:
        if block.get(name) is not True:
            yield True, phrase("does not block public access: {} is off", name)
    access = properties.get("AccessControl")
    if access is not None and texts(access).startswith(("Public", "Authenticated")):
        yield True, phrase("is open by its ACL, {}", texts(access))


def _hosted(properties: Mapping[str, Any], _: _Texts) -> Iterator[Opening]:
    if not properties.get("VpcConfig"):
        yield False, phrase("runs outside of a VPC")
    if properties.get("EnableNetworkIsolation") is not True:
        yield False, phrase("may make network calls: network isolation is off")


def _function(properties: Mapping[str, Any], _: _Texts) -> Iterator[Opening]:
    if not properties.get("VpcConfig"):
        yield False, phrase("runs outside of a VPC")


def _security_group(properties: Mapping[str, Any], texts: _Texts) -> Iterator[Opening]:
    for rule in _rules(properties.get("SecurityGroupIngress")):
        yield from _ingress(rule, texts)
    out = properties.get("SecurityGroupEgress")
    if out is None:
        yield True, phrase("lets everything out: it names no egress rules")
    for rule in _rules(out):
        yield from _egress(rule, texts)


def _rules(value: object) -> list[Mapping[str, Any]]:
    """The rules that a template spells out; one behind Fn::If could be any."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [each if isinstance(each, Mapping) else {} for each in values]


def _ingress(rule: Mapping[str, Any], texts: _Texts) -> Iterator[Opening]:
    yield True, phrase("lets in {} from {}", _ports(rule), _peer(rule, texts))


def _egress(rule: Mapping[str, Any], texts: _Texts) -> Iterator[Opening]:
    yield True, phrase("lets out {} to {}", _ports(rule), _peer(rule, texts))


def _ports(rule: Mapping[str, Any]) -> Phrase:
    protocol, first, last = rule.get("IpProtocol"), rule.get("FromPort"), rule.get("ToPort")
    if str(protocol) == "-1":
        return phrase("everything")
    if first is None:
        return phrase("{}", protocol)
    return phrase("{}", f"{protocol} {first}" if first == last else f"{protocol} {first}-{last}")


def _peer(rule: Mapping[str, Any], texts: _Texts) -> Phrase:
    found = [texts(rule[name]) for name in _PEERS if name in rule]
    peer = found[0] if found else "somewhere"
    return phrase("anywhere ({})", peer) if peer in _ANYWHERE else phrase("{}", peer)


def _function_url(properties: Mapping[str, Any], _: _Texts) -> Iterator[Opening]:
    if properties.get("AuthType") == "NONE":
        yield True, phrase("answers anybody on the internet: AuthType is {}", "NONE")


def _route_of_an_api(properties: Mapping[str, Any], _: _Texts) -> Iterator[Opening]:
    if properties.get("AuthorizationType", "NONE") == "NONE":
        yield True, phrase("asks callers for no authorization: AuthorizationType is {}", "NONE")


def _route(properties: Mapping[str, Any], texts: _Texts) -> Iterator[Opening]:
    target = properties.get("DestinationCidrBlock") or properties.get("DestinationIpv6CidrBlock")
    if target in _ANYWHERE and "GatewayId" in properties:
        gateway = texts(properties["GatewayId"])
        yield True, phrase("leads from and to the internet through {}", gateway)


def _subnet(properties: Mapping[str, Any], _: _Texts) -> Iterator[Opening]:
    if properties.get("MapPublicIpOnLaunch") is True:
        yield True, phrase("gives what starts in it a public address")


def _database(properties: Mapping[str, Any], _: _Texts) -> Iterator[Opening]:
    if properties.get("PubliclyAccessible") is True:
        yield True, phrase("is reachable from the internet: PubliclyAccessible is on")


def _load_balancer(properties: Mapping[str, Any], _: _Texts) -> Iterator[Opening]:
    if properties.get("Scheme", "internet-facing") == "internet-facing":
        yield True, phrase("faces the internet")


_BY_TYPE: Final[Mapping[str, Callable[[Mapping[str, Any], _Texts], Iterator[Opening]]]] = {
    "AWS::ApiGateway::Method": _route_of_an_api,
    "AWS::ApiGatewayV2::Route": _route_of_an_api,
    "AWS::EC2::Route": _route,
    "AWS::EC2::SecurityGroup": _security_group,
    "AWS::EC2::SecurityGroupEgress": _egress,
    "AWS::EC2::SecurityGroupIngress": _ingress,
    "AWS::EC2::Subnet": _subnet,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _load_balancer,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Url": _function_url,
    "AWS::RDS::DBInstance": _database,
    "AWS::S3::Bucket": _bucket,
    "AWS::SageMaker::Model": _hosted,
}
