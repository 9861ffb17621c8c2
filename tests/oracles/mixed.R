# Random-intercept logistic regression by lme4 with 1 (Laplace), 9 and 25 points; natural splines by R's splines, against given columns.
# Run: Rscript mixed.R FOLDER > mixed.csv
suppressMessages({library(lme4); library(splines)})
folder <- commandArgs(trailingOnly = TRUE)[1]
d <- read.csv(file.path(folder, "mixed_data.csv"), stringsAsFactors = FALSE)
say <- function(name, value) cat(sprintf("%s,%.8g\n", name, value))
cat("quantity,value\n")
d$log2 <- log2(d$volume)
control <- glmerControl(optimizer = "bobyqa", tolPwrss = 1e-11, optCtrl = list(maxfun = 1e5, rhoend = 1e-9))
forms <- list(straight = died ~ log2 + severity + arrest + (1 | centre), spline = died ~ spline1 + spline2 + spline3 + severity + arrest + (1 | centre))
for (form in names(forms)) for (nodes in c(1, 9, 25)) {
  m <- suppressWarnings(glmer(forms[[form]], d, binomial, nAGQ = nodes, control = control))
  name <- sprintf("%s %d", form, nodes)
  b <- summary(m)$coefficients
  for (row in rownames(b)) { say(paste(name, row), b[row, 1]); say(paste(name, "se", row), b[row, 2]) }
  say(paste(name, "sd"), sqrt(as.numeric(VarCorr(m)$centre)))
  if (nodes == 1) {
    say(paste(name, "log likelihood"), as.numeric(logLik(m)))
    u <- ranef(m, condVar = TRUE)$centre
    for (row in rownames(u)[1:6]) { say(paste(name, "effect", row), u[row, 1]); say(paste(name, "spread", row), sqrt(attr(u, "postVar")[1, 1, match(row, rownames(u))])) }
  }
}
# the same curve by R's natural splines with the same knots: fitted values without centres
knots <- quantile(d$log2, c(0.05, 0.35, 0.65, 0.95))
ours <- glm(died ~ spline1 + spline2 + spline3, binomial, d, control = glm.control(epsilon = 1e-13))
theirs <- glm(died ~ ns(log2, knots = knots[2:3], Boundary.knots = knots[c(1, 4)]), binomial, d, control = glm.control(epsilon = 1e-13))
say("spline deviance given columns", deviance(ours))
say("spline deviance splines::ns", deviance(theirs))
