# What metafor (Viechtbauer 2010) says of the pools of metafor_data.csv; bcg is the classical data set of Colditz 1994.
suppressPackageStartupMessages(library(metafor))
folder <- commandArgs(trailingOnly = TRUE)[1]
data <- read.csv(file.path(folder, "metafor_data.csv"))
cat("quantity,value\n")
say <- function(name, value) cat(sprintf("%s,%.12g\n", name, value))
for (pool in unique(data$pool)) {
  d <- data[data$pool == pool, ]
  for (m in c("RR", "OR", "RD")) {
    if (m == "RD" && pool == "zeros") next  # here a difference keeps its plain value where a cell is 0; escalc shifts it
    es <- escalc(measure = m, ai = e1, n1i = n1, ci = e0, n2i = n0, data = d)
    key <- paste(pool, m, sep = ".")
    for (i in seq_len(nrow(es))) {
      say(paste0(key, ".y.", i), es$yi[i])
      say(paste0(key, ".v.", i), es$vi[i])
    }
    for (method in c("FE", "DL", "REML", "PM")) {
      fit <- function(test) rma(yi, vi, data = es, method = method, test = test, control = list(maxiter = 1000, threshold = 1e-12, tol = 1e-12))
      for (test in if (method == "FE") "z" else c("z", "knha", "adhoc")) {
        r <- fit(test)
        k <- paste(key, method, test, sep = ".")
        say(paste0(k, ".b"), r$beta)
        say(paste0(k, ".lb"), r$ci.lb)
        say(paste0(k, ".ub"), r$ci.ub)
        say(paste0(k, ".p"), r$pval)
      }
      r <- fit("z")
      if (method == "FE") {
        say(paste0(key, ".Q"), r$QE)
        say(paste0(key, ".Qp"), r$QEp)
      } else {
        say(paste0(key, ".", method, ".tau2"), r$tau2)
        if (nrow(d) > 2) {  # Higgins, Thompson and Spiegelhalter 2009 by hand: t with k-2 degrees of freedom
          half <- qt(0.975, nrow(d) - 2) * sqrt(r$tau2 + r$se^2)
          say(paste0(key, ".", method, ".pi.lb"), r$beta - half)
        }
      }
      if (method == "DL") {
        say(paste0(key, ".I2"), r$I2)
        if (nrow(d) > 2) {
          ci <- confint(r, control = list(tol = 1e-12, maxiter = 10000))$random
          say(paste0(key, ".tau2.lb"), ci[1, 2])
          say(paste0(key, ".tau2.ub"), ci[1, 3])
          out <- leave1out(r)
          for (i in seq_len(nrow(d))) say(paste0(key, ".without.", i), out$estimate[i])
          cu <- cumul(r, order = d$year)
          for (i in seq_len(nrow(d))) say(paste0(key, ".upto.", i), cu$estimate[i])
        }
      }
    }
    if (nrow(d) > 2) {
      r <- rma(yi, vi, data = es, method = "FE")
      e <- regtest(r, model = "lm", predictor = "sei")
      say(paste0(key, ".egger.t"), e$zval)
      say(paste0(key, ".egger.p"), e$pval)
    }
    if (m == "OR" && nrow(d) > 2) {  # Peters 2006: weights events x non-events / N
      n <- d$n1 + d$n0; events <- d$e1 + d$e0
      p <- summary(lm(es$yi ~ I(1 / n), weights = events * (n - events) / n))$coefficients
      say(paste0(key, ".peters.slope"), p[2, 1])
      say(paste0(key, ".peters.p"), p[2, 4])
    }
    if (pool == "bcg") {  # subgroups, each with its own tau2, and the test of interaction
      means <- c(); ses <- c()
      for (g in unique(d$group)) {
        s <- rma(yi, vi, data = es[d$group == g, ], method = "DL")
        means <- c(means, s$beta); ses <- c(ses, s$se)
      }
      between <- rma(means, ses^2, method = "FE")
      say(paste0(key, ".interaction.Q"), between$QE)
      say(paste0(key, ".interaction.p"), between$QEp)
    }
  }
  for (m in c("RR", "OR", "RD")) {
    mh <- rma.mh(ai = e1, n1i = n1, ci = e0, n2i = n0, data = d, measure = m)
    for (part in c("beta", "ci.lb", "ci.ub")) say(paste(pool, m, "MH", part, sep = "."), mh[[part]])
  }
  peto <- rma.peto(ai = e1, n1i = n1, ci = e0, n2i = n0, data = d)
  for (part in c("beta", "ci.lb", "ci.ub")) say(paste(pool, "Peto", part, sep = "."), peto[[part]])
}
h1n1 <- data.frame(events = c(32, 57, 41, 33, 5, 79, 28), n = c(68, 75, 60, 38, 14, 123, 61))
lo <- rma(measure = "PLO", xi = events, ni = n, data = h1n1, method = "DL")
say("h1n1.logit.b", lo$beta); say("h1n1.logit.lb", lo$ci.lb); say("h1n1.logit.ub", lo$ci.ub); say("h1n1.logit.tau2", lo$tau2)
es <- escalc(measure = "PFT", xi = events, ni = n, data = h1n1)
ft <- predict(rma(yi, vi, data = es, method = "DL"), transf = transf.ipft.hm, targs = list(ni = h1n1$n))
say("h1n1.FT.pred", ft$pred); say("h1n1.FT.lb", ft$ci.lb); say("h1n1.FT.ub", ft$ci.ub)
gl <- rma.glmm(measure = "PLO", xi = events, ni = n, data = h1n1, nAGQ = 25)
cat(sprintf("h1n1.glmm.b,%.4f\nh1n1.glmm.lb,%.3f\nh1n1.glmm.tau2,%.4f\n", gl$beta, gl$ci.lb, gl$tau2))
