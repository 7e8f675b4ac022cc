"""`viva completion SHELL`: the script that completes commands and options."""

import click
from click.shell_completion import get_completion_class

from vivavoce.cli.language import Command
from vivavoce.cli.main import COMPLETION


@click.command("completion", cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a script that completes commands; use it by: eval "$(viva completion bash)"."""
    script = get_completion_class(shell)
    assert script is not None  # click has one for each shell above
    click.echo(script(ctx.find_root().command, {}, "viva", COMPLETION).source())
