"""`viva`: finds the command, and turns errors into one line and an exit code: 0 done, 1 failed, 2 wrong usage."""

import importlib
import os
import sys
from collections.abc import Sequence

import click

from vivavoce.cli.language import Group, Option, say, ui_language
from vivavoce.errors import UsageError, VivavoceError
from vivavoce.messages import LANGUAGES, translate

COMMANDS = {
    "convert": "Convert files, as in: viva convert talk.flac notes.txt.",
    "plan": "Show the route without taking it, as in: viva plan audio image.",
    "transcribe": "Write down what is said, as in: viva transcribe talk.flac.",
    "speak": 'Speak a text into a file, as in: viva speak "Good morning" hello.mp3.',
    "describe": "Say what a picture shows, as in: viva describe photo.jpg.",
    "draw": 'Draw what a text says, as in: viva draw "a red fox in the snow" fox.png.',
    "translate": "Translate text or subtitles, as in: viva translate talk.srt --to zh -o talk.zh.srt.",
    "chat": 'Talk with a chat model, as in: viva chat "What is a fugue?".',
    "hear": "Tell what a sound is, as in: viva hear clip.wav --labels dog,rain.",
    "diarize": "Tell who speaks when, as in: viva diarize talk.flac -o talk.rttm.",
    "voices": "Enrol the voice of a person who consents, list and forget such voices.",
    "models": "List engines, fetch and remove model weights, and choose a model.",
    "bench": "Measure what things cost on this machine.",
    "doctor": "Check this machine; each finding comes with its remedy.",
    "demo": "Convert every modality into every other once, and show the results on a page.",
    "completion": 'Print a script that completes commands; use it by: eval "$(viva completion bash)".',
}
"""Each command's first line of help, kept here so that `viva --help` need not import the commands."""

DONE, FAILED, WRONG_USAGE = 0, 1, 2
COMPLETION = "_VIVA_COMPLETE"


class LazyGroup(Group):
    """Commands that are imported when they are called, so that `viva --help` and completion answer at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of their use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"vivavoce.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section(say("Commands")):
            formatter.write_dl([(name, say(summary)) for name, summary in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--ui-language", cls=Option, type=click.Choice(LANGUAGES), help="Language of messages.")
@click.option("--debug", cls=Option, is_flag=True, help="Show where an error comes from.")
@click.version_option(package_name="vivavoce")
def viva(ui_language: str | None, debug: bool) -> None:
    """Any of text, speech, image, video or table in, any other out, on your own machine."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    if COMPLETION in os.environ:
        viva.main(prog_name="viva", complete_var=COMPLETION)  # the shell asks what could come next; does not return
    given = list(sys.argv[1:] if arguments is None else arguments)
    language = ui_language(given)
    given, debug = _anywhere(given, "--debug")
    given = _without_language(given)
    try:
        with viva.make_context("viva", given, obj=language) as context:
            viva.invoke(context)
        return DONE
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _fail(translate("stopped", language), FAILED)
    except click.exceptions.NoArgsIsHelpError as help_wanted:
        click.echo(help_wanted.format_message())
        return WRONG_USAGE
    except click.ClickException as error:
        return _fail(_click_message(error, language), WRONG_USAGE)
    except VivavoceError as error:
        if debug:
            raise
        return _fail(error.localized(language), WRONG_USAGE if isinstance(error, UsageError) else FAILED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: nothing more to say
        return FAILED
    except Exception as error:
        if debug:
            raise
        unexpected = translate("unexpected error: {error}; run again with --debug and report it", language)
        return _fail(unexpected.format(error=f"{type(error).__name__}: {error}"), FAILED)


def _anywhere(arguments: list[str], flag: str) -> tuple[list[str], bool]:
    """Take a flag of the whole program wherever it stands."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [argument for at, argument in enumerate(arguments) if argument != flag or at > end]
    return kept, len(kept) != len(arguments)


def _without_language(arguments: list[str]) -> list[str]:
    """Take `--ui-language` out wherever it stands: it has been looked at; an unknown language is left to be refused."""
    for at, argument in enumerate(arguments):
        if argument == "--ui-language" and arguments[at + 1 : at + 2] and arguments[at + 1] in LANGUAGES:
            return [*arguments[:at], *arguments[at + 2 :]]
        if argument.startswith("--ui-language=") and argument.partition("=")[2] in LANGUAGES:
            return [*arguments[:at], *arguments[at + 1 :]]
    return arguments


def _click_message(error: click.ClickException, language: str) -> str:
    match error:
        case click.NoSuchOption():
            template, name = "there is no option {name}; see --help", error.option_name
        case click.MissingParameter():
            template, name = "{name} is missing; see --help", error.param.human_readable_name if error.param else ""
        case click.BadParameter():
            template, name = "the value is not allowed: {name}; see --help", error.format_message().rstrip(".")
        case click.exceptions.NoSuchCommand():
            template, name = "there is no command {name}; see: viva --help", error.command_name
        case _:
            return error.format_message()
    return translate(template, language).format(name=name)


def _fail(message: str, code: int) -> int:
    click.echo(f"viva: {message}", err=True)
    return code


def run() -> None:
    """Run as a program."""
    sys.exit(main())
