"""The commands `perfuse registry ...` as they are typed."""

from cyclopts import App

registry = App(name="registry", help="Runs of support as a registry: make a synthetic one, import, check, analyse.")
