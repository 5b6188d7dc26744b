"""One change, on a branch of its own, in a commit that holds nothing else."""

import pytest

from prodev.testbed import explain

MESSAGE = "Raise the price of the lake cabin"
REPOSITORY = """
git init --quiet --initial-branch=main shop && cd shop
git config user.name Ada && git config user.email ada@example.org
echo 90 > price.txt && git add price.txt && git commit --quiet --message 'Begin'
echo {price} > price.txt && echo 'Ask Bola about' > notes.md
"""


# Nothing of this machine's own git: neither its settings nor an editor that waits for a message.
ALONE = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true"}


@pytest.fixture
def git(candidate, rng):
    """Run commands.sh in a fresh repository, and return a way to ask git about it."""
    candidate.run(["bash", "-ec", REPOSITORY.format(price=rng.randint(100, 200))], env=ALONE)
    done = candidate.run(["bash", "-c", "cd shop && bash ../commands.sh"], env=ALONE)

    def git(*arguments):
        return candidate.run(["git", "-C", "shop", *arguments], env=ALONE).stdout.strip()

    git.said = (done.stdout + done.stderr).strip().splitlines()[-1:] or ["nothing"]
    return git


@pytest.mark.task("branch")
def test_the_branch_is_one_commit_ahead_of_main(git):
    """new-price exists, and holds one commit that main does not."""
    branches = git("branch", "--format=%(refname:short)").split()
    ahead = git("log", "--format=%s", "main..new-price").splitlines()

    assert len(ahead) == 1, explain(
        did="I ran your commands in a repository that was on main.",
        saw=f"The branches are {', '.join(branches) or 'gone'}; new-price is {len(ahead)} commits ahead of main. "
        f"The last thing that was said: {git.said[0]}",
        why="A change on a branch of its own can be looked at, and dropped, without touching anybody else's work.",
        look="Where you make the branch, and whether the commit comes after it.",
    )


@pytest.mark.task("branch")
def test_main_is_where_it_was(git):
    """main still has its one commit."""
    log = git("log", "--format=%s", "main").splitlines()

    assert log == ["Begin"], explain(
        did="I looked at the log of main after your commands.",
        saw=f"It reads {log}, newest first; before them it read ['Begin'].",
        why="A commit lands on the branch that you are on, and a branch made afterwards does not take it away again.",
        look="The order of your commands: first the branch, then the commit.",
    )


@pytest.mark.task("commit")
def test_the_commit_holds_the_price_alone(git):
    """The newest commit changes price.txt and nothing else, and says what it does."""
    message = git("log", "--all", "--topo-order", "-1", "--format=%s")
    files = git("log", "--all", "--topo-order", "-1", "--format=", "--name-only").splitlines()

    assert (message, files) == (MESSAGE, ["price.txt"]), explain(
        did="I looked at the newest commit.",
        saw=f"It is called '{message}' and changes {', '.join(files) or 'nothing'}; "
        f"I expected '{MESSAGE}' and price.txt.",
        why="A commit that holds one change can be read, and taken back, by itself.",
        look="What you add before the commit, and the text after -m.",
    )


@pytest.mark.task("commit")
def test_the_notes_are_left_alone(git):
    """notes.md is still there, and in no commit."""
    status = git("status", "--short").splitlines()

    assert status == ["?? notes.md"], explain(
        did="I asked for `git status --short` after your commands.",
        saw=f"It says {status}; I expected ['?? notes.md'], and nothing left to commit.",
        why="Half a thought in a commit is a half-thought that others have to read.",
        look="What is added but not committed, what is committed though it should not be, or what was put away.",
    )
