"""Prints what lets a shell complete commands, their verbs and options: bash, zsh, fish.

    ./smartmail completion bash > /etc/bash_completion.d/smartmail
    ./smartmail completion zsh > /usr/local/share/zsh/site-functions/_smartmail
    ./smartmail completion fish > ~/.config/fish/completions/smartmail.fish

It is made of the same parsers as the help; print it again after an update.
"""

import argparse

from smartmail.app import cli
from smartmail.app.cli import exits

HELP = "completion for bash, zsh or fish"

Tree = dict[str, list[str]]
"""Words that may follow: of "" all commands, of "alarm" its verbs and options, of "alarm set" its options."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "fish"), help="bash, zsh or fish")


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    print({"bash": bash, "zsh": zsh, "fish": fish}[options.shell](tree()))
    return exits.OK


def tree() -> Tree:
    """Return which words may follow which."""
    names = cli.existing()
    found: Tree = {"": [*names, "help", "--version"]}
    for name in names:
        parser = cli.parser_of(name)
        acts = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]  # noqa: SLF001 -- argparse has no other way to ask
        found[name] = [*(acts[0].choices if acts else ()), *_options(parser)]
        for verb, act in acts[0].choices.items() if acts else ():
            found[f"{name} {verb}"] = _options(act)
    return found


def _options(parser: argparse.ArgumentParser) -> list[str]:
    words = (word for one in parser._actions for word in one.option_strings)  # noqa: SLF001 -- the same
    return [word for word in words if word.startswith("--")]


def bash(words: Tree) -> str:
    """Return the script for bash."""
    return f"""_smartmail() {{
  local words
  case "$(( COMP_CWORD < 3 ? COMP_CWORD : 3 ))" in
    1) words="{" ".join(words[""])}" ;;
    2) case "${{COMP_WORDS[1]}}" in
{_cases(words, 0)}
    esac ;;
    *) case "${{COMP_WORDS[1]}} ${{COMP_WORDS[2]}}" in
{_cases(words, 1)}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _smartmail smartmail ./smartmail"""


def zsh(words: Tree) -> str:
    """Return the script for zsh."""
    return f"""#compdef smartmail
_smartmail() {{
  local words_now
  case "$(( CURRENT < 4 ? CURRENT : 4 ))" in
    2) words_now="{" ".join(words[""])}" ;;
    3) case "${{words[2]}}" in
{_cases(words, 0, "words_now")}
    esac ;;
    *) case "${{words[2]}} ${{words[3]}}" in
{_cases(words, 1, "words_now")}
    esac ;;
  esac
  compadd -- ${{=words_now}}
  _files
}}
compdef _smartmail smartmail ./smartmail"""


def _cases(words: Tree, spaces: int, into: str = "words") -> str:
    """Return the branches for what has been typed so far; a command without verbs has its options everywhere."""
    lines = [
        f'      "{key}") {into}="{" ".join(value)}" ;;'
        for key, value in words.items()
        if key.count(" ") == spaces and key
    ]
    if spaces:
        alone = [key for key in words if key and " " not in key and not any(one.startswith(f"{key} ") for one in words)]
        lines += [f'      "{key} "*) {into}="{" ".join(words[key])}" ;;' for key in alone]
    return "\n".join(lines)


def fish(words: Tree) -> str:
    """Return the script for fish."""
    lines = ["complete -c smartmail -n __fish_use_subcommand -f -a '" + " ".join(words[""]) + "'"]
    for key, value in words.items():
        if key:
            seen = " ".join(f"; and __fish_seen_subcommand_from {one}" for one in key.split()).removeprefix("; and ")
            lines.append(f"complete -c smartmail -n '{seen}' -a '{' '.join(value)}'")
    return "\n".join(lines)
