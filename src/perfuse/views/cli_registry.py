"""The commands `perfuse registry ...` as they are typed."""

from cyclopts import App

from perfuse.views import cli_analyses

registry = App(name="registry", help="Runs of support as a registry: make a synthetic one, import, check, analyse.")
registry.command(cli_analyses.analyse)
registry.command(cli_analyses.parts)
