"""What a wildcard covers."""

import pytest

from scripts.differences.patterns import Pattern


def one(text: str) -> Pattern:
    return Pattern((text,))


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("*", "s3:GetObject"),
        ("s3:*", "s3:GetObject"),
        ("s3:*", "s3:Get*"),
        ("s3:Get*", "s3:GetObject*"),
        ("s3:Get?bject", "s3:GetObject"),
        ("a*c*e", "abcde"),
        ("a*", "a*b*"),
    ],
)
def test_a_wildcard_covers_what_it_stands_for_and_not_the_reverse(wide: str, narrow: str) -> None:
    assert one(wide).covers(one(narrow))
    assert not one(narrow).covers(one(wide))


@pytest.mark.parametrize(
    ("pattern", "other"),
    [("s3:Get?", "s3:Get*"), ("s3:Get", "s3:GetObject"), ("s3:*", "sqs:*"), ("a.c", "abc")],
)
def test_what_is_not_certainly_covered_is_not_covered(pattern: str, other: str) -> None:
    assert not one(pattern).covers(one(other))


def test_everything_but_some_covers_only_what_cannot_be_one_of_them() -> None:
    rest = Pattern(("iam:*", "sts:*"), excludes=True)
    assert rest.covers(one("s3:GetObject"))
    assert not rest.covers(one("iam:PassRole"))
    assert not rest.covers(one("*"))
    assert not one("s3:*").covers(rest)
    assert one("*").covers(rest)


def test_to_exclude_more_is_narrower() -> None:
    less, more = Pattern(("iam:*",), excludes=True), Pattern(("iam:*", "sts:*"), excludes=True)
    assert less.covers(more)
    assert not more.covers(less)
