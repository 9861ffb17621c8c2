"""The commands `perfuse evidence ...` as they are typed."""

from cyclopts import App

evidence = App(name="evidence", help="Trials, meta-analysis, priors, the laboratory of EOLIA, and one page that reproduces six works.")
