"""The results page: each command renews its own section."""

from benchmarks.results import with_section


def test_a_section_is_renewed_and_the_others_stay() -> None:
    page = with_section("# Results", "make bench", "old figures")
    page = with_section(page, "make soak", "counts")
    page = with_section(page, "make bench", "new figures\n\n| a | b |")
    assert page == (
        "# Results\n\n## make bench\n\nnew figures\n\n| a | b |\n\n## make soak\n\ncounts\n"
    )


def test_what_stands_outside_of_sections_goes() -> None:
    assert with_section("# Results\n\nloose\n", "make soak", "x") == (
        "# Results\n\n## make soak\n\nx\n"
    )
