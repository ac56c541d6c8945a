"""Which environment a command needs, and how it is run."""

import os
import sys

# Commands that need the tools of the developer's lock file; all others run on requirements.lock alone.
NEEDS_TOOLS = {"test", "check", "bench"}
# Commands that need the web apps built, or their sources installed.
NEEDS_WEB = {"serve", "test", "check", "bench"}


def main(root: str, words: list[str]) -> int:
    # Without kept byte code every process of ours compiles a thousand modules at each start: two seconds of a core, when a
    # killed one should be back within one.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    command = next((word for word in words if not word.startswith("-")), "")
    asks_help = "-h" in words or "--help" in words
    from launcher import environment

    try:
        python = environment.ensure(root, "dev" if command in NEEDS_TOOLS else "run")
        if command in NEEDS_WEB and not asks_help:
            prepare_web(root, command)
    except environment.CannotSetUpError as error:
        sys.stderr.write(f"smartmail: {error}\n")
        return 1
    arguments = [python, "-m", "smartmail.app.cli", *words]
    if command == "serve" and not asks_help:
        from launcher import guard

        return guard.run(arguments)
    sys.stdout.flush()
    return os.execve(python, arguments, {**os.environ, **version_of(command, words)})


def version_of(command: str, words: list[str]) -> dict[str, str]:
    """Return what a command needs to be run as the version that is chosen; what makes or tests this tree is of this tree."""
    from launcher import versions

    # A unit starts what was installed, which starts what is chosen.
    if command in NEEDS_TOOLS | {"service"} or (command == "update" and {"make", "key"} & set(words)):
        return {}
    folder = versions.directory(words)
    return versions.environment(folder, versions.chosen(folder))


def prepare_web(root: str, command: str) -> None:
    """Build the web apps. A node that cannot build them still carries mail."""
    from launcher import environment, web

    try:
        web.ensure(root)
    except environment.CannotSetUpError as error:
        if command != "serve":
            raise
        sys.stderr.write(f"smartmail: the webmail is not built, mail is served without it: {error}\n")
