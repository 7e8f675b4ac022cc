"""`viva bench engines`: what engines cost on this machine, kept for every plan after."""

import json
from dataclasses import asdict

import click

from vivavoce.apps.bench_engines import bench_engines
from vivavoce.apps.converter import Converter
from vivavoce.cli import options
from vivavoce.cli.language import Command, Group, say
from vivavoce.routes.costs import Measured, costs_file, save_costs


@click.group("bench", cls=Group)
def command() -> None:
    """Measure what things cost on this machine."""


@command.command("engines", cls=Command)
@click.argument("names", nargs=-1, metavar="[ENGINE...]")
@options.as_json
@options.device
def engines(names: tuple[str, ...], as_json: bool, device: str) -> None:
    """Time every engine that is ready; plans use what was measured from then on."""
    measured: dict[str, Measured] = {}
    with Converter(device=device) as converter:
        wanted = [converter.engine_name(name) for name in names]
        for name, found in bench_engines(converter, wanted):
            if isinstance(found, str):
                click.echo(f"{name}: {found}", err=True)
                continue
            measured[name] = found
            line = f"{name:24} {found.fixed_s:8.3f} s + {found.per_unit_s:.6f} s × n, {found.memory_gb:.2f} GB"
            click.echo(line, err=as_json)
    save_costs(measured, costs_file())
    if as_json:
        click.echo(json.dumps({name: asdict(cost) for name, cost in measured.items()}, indent=2))
    click.echo(say("wrote {path}", path=costs_file()), err=True)
