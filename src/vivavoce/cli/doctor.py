"""`viva doctor`: what this machine has, and what it lacks."""

import json
from dataclasses import asdict

import click

from vivavoce.apps.doctor import examine
from vivavoce.cli import options
from vivavoce.cli.language import Command, say

MARKS = {"ok": "✓", "note": "·", "problem": "✗"}


@click.command("doctor", cls=Command)
@options.as_json
def command(as_json: bool) -> None:
    """Check this machine; each finding comes with its remedy."""
    findings = list(examine())
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            click.echo(f"{MARKS[finding.verdict]} {say(finding.topic)}: {finding.detail}")
            if finding.remedy:
                click.echo(f"    {finding.remedy}")
    if any(finding.verdict == "problem" for finding in findings):
        raise click.exceptions.Exit(1)
