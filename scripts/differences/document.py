"""A report as a document: what stands where, before it becomes a screen or a comment."""

from dataclasses import dataclass

from scripts.differences.words import Phrase


@dataclass(frozen=True, kw_only=True)
class Bullet:
    """One thing that is said, and what is said of it."""

    text: Phrase
    flagged: bool = False
    """Whether it is among the reasons to look twice."""

    below: tuple[Phrase, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Things of one kind, side by side."""

    header: tuple[str, ...]
    rows: tuple[tuple[Phrase, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """One matter of an environment."""

    title: Phrase
    content: tuple[Bullet | Grid, ...]


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One environment."""

    title: Phrase
    sections: tuple[Section, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """The whole."""

    headline: Phrase
    """Which revisions are compared, and why these."""

    notes: tuple[Phrase, ...]
    reasons: tuple[Bullet, ...]
    """Why somebody has to look twice; empty where nobody has to."""

    summary: Grid
    """A row for each environment."""

    chapters: tuple[Chapter, ...]
    unchanged: tuple[str, ...]
    """The environments that nothing happens to."""

    footer: tuple[Phrase, ...]
    """What such a comparison cannot see."""
