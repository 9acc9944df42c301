"""Can every mutation still be made, and is it caught? A rewritten rule would else slip out unseen."""

import ast
from pathlib import Path

import pytest
from adversity.story import Story
from mutation_rules import MUTATIONS, Mutation
from mutations import ROOT, caught_by, check_unbroken, copy_to

import pushwoosh_async

PACKAGE = Path(pushwoosh_async.__file__).parent


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: f"{each.rule}: {each.change}")
def test_mutation_changes_one_place_into_other_code(mutation: Mutation) -> None:
    """Its text stands there once, and what replaces it is Python that does something else."""
    text = (PACKAGE / mutation.file).read_text("utf-8")
    assert ast.dump(ast.parse(mutation.applied_to(text))) != ast.dump(ast.parse(text))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: f"{each.rule}: {each.change}")
def test_tests_that_should_notice_exist(mutation: Mutation) -> None:
    """The file of each is there."""
    for test in mutation.tests:
        assert (ROOT / test.partition("::")[0]).exists(), test


@pytest.mark.parametrize("text", ["", "{old}{old}"])
def test_mutation_that_has_no_place_is_refused(text: str) -> None:
    """Neither a missing text nor one that stands there twice is taken for the rule."""
    mutation = MUTATIONS[0]
    with pytest.raises(LookupError, match="times, and not once"):
        mutation.applied_to(text.format(old=mutation.old))


@pytest.fixture(scope="session")
def unbroken_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the package, and see that no test fails by itself."""
    folder = copy_to(tmp_path_factory.mktemp("mutations") / "copy")
    check_unbroken(folder, list(MUTATIONS))
    return folder


@pytest.mark.slow
@pytest.mark.row("M4")
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: f"{each.rule}: {each.change}")
def test_some_test_notices(mutation: Mutation, unbroken_copy: Path, story: Story) -> None:
    """Each rule that is switched off fails a test of those that are there for it."""
    noticed = caught_by(mutation, unbroken_copy)
    assert noticed
    story.saw(f"noticed by {noticed.partition('::')[0]}")
