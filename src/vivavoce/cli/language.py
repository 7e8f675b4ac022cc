"""The command line in the user's language: `--ui-language`, else VIVAVOCE_UI_LANGUAGE, else the locale."""

import copy
import os
from collections.abc import Mapping, Sequence

import click

from vivavoce.messages import LANGUAGES, translate


def ui_language(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> str:
    """Return "en" or "zh", found before the arguments are parsed, so that errors in them are in it too."""
    wanted = environment.get("VIVAVOCE_UI_LANGUAGE", "")
    for argument, after in zip(arguments, [*arguments[1:], ""], strict=False):
        if argument == "--ui-language":
            wanted = after
        elif argument.startswith("--ui-language="):
            wanted = argument.partition("=")[2]
    locale = next((v for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := environment.get(name))), "")
    return next((language for language in LANGUAGES if (wanted or locale).lower().startswith(language)), "en")


def current_language() -> str:
    """Return the language of the command that is running."""
    context = click.get_current_context(silent=True)
    return str(context.find_root().obj or "en") if context else "en"


def say(template: str, **fields: object) -> str:
    """Return a message in the user's language."""
    return translate(template, current_language()).format(**fields)


class Option(click.Option):
    """An option whose help is shown in the user's language."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the flags and the translated help."""
        local = copy.copy(self)
        local.help = translate(self.help or "", current_language())
        return click.Option.get_help_record(local, ctx)


class Command(click.Command):
    """A command whose help is shown in the user's language."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the translated description."""
        local = copy.copy(self)
        local.help = translate(self.help or "", current_language())
        click.Command.format_help_text(local, ctx, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the translated first line for the list of commands."""
        return translate(self.help or "", current_language()).splitlines()[0]


class Group(Command, click.Group):
    """A group of commands whose help is shown in the user's language."""
