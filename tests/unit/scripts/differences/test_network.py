"""Who can reach what that could not before."""

from scripts.differences.network import network_widening
from scripts.differences.settings import network_settings
from tests.unit.scripts.differences.templates import Resource, bucket, resource, stack


def wider(before: dict[str, Resource], after: dict[str, Resource]) -> list[str]:
    return [str(each) for each in network_widening([stack(before)], [stack(after)]).wider]


def model(**properties: object) -> Resource:
    return resource("AWS::SageMaker::Model", "Data/Model", Properties=properties)


def group(cidr: str) -> Resource:
    return resource(
        "AWS::EC2::SecurityGroup",
        "Data/Group",
        Properties={
            "SecurityGroupIngress": [
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": cidr}
            ],
            "SecurityGroupEgress": [],
        },
    )


def test_a_bucket_that_no_longer_blocks_the_public_is_told() -> None:
    open_ = bucket(PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    found = wider({"B": bucket()}, {"B": open_})
    assert len(found) == 3
    assert "Data/Photos/Bucket does not block public access: BlockPublicPolicy is off" in found
    assert wider({}, {"B": open_}) == found
    assert wider({"B": open_}, {"B": bucket()}) == []


def test_a_security_group_that_lets_in_more_is_told() -> None:
    assert wider({"G": group("10.0.0.0/8")}, {"G": group("0.0.0.0/0")}) == [
        "Data/Group lets in tcp 443 from anywhere (0.0.0.0/0)"
    ]


def test_a_model_server_that_leaves_its_network_is_told_but_a_new_one_is_not() -> None:
    inside = model(VpcConfig={"Subnets": ["s"]}, EnableNetworkIsolation=True)
    assert wider({"M": inside}, {"M": model()}) == [
        "Data/Model runs outside of a VPC",
        "Data/Model may make network calls: network isolation is off",
    ]
    assert wider({}, {"M": model()}) == []


def test_what_is_gone_opens_nothing() -> None:
    assert not network_widening([stack({"G": group("0.0.0.0/0")})], [stack({})])


def test_settings_that_leave_the_network_are_told_before_there_is_a_template() -> None:
    inside = {"vpc": {"": "VpcSettings"}, "network_isolation": True}
    outside = {"vpc": None, "network_isolation": False}
    assert len(network_settings(inside, outside).wider) == 2
    assert network_settings(outside, inside).wider == ()
    assert len(network_settings(outside, inside).narrower) == 2
    assert not network_settings({}, outside)
