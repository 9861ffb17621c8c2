# Kaplan-Meier, start-stop Cox (Efron), proportional-hazards tests and Fine-Gray by R's survival; cumulative incidence, Gray's test and
# Fine-Gray by cmprsk. Run: Rscript survival.R FOLDER > survival.csv
suppressMessages({library(survival); library(cmprsk)})
folder <- commandArgs(trailingOnly = TRUE)[1]
d <- read.csv(file.path(folder, "survival_data.csv"), stringsAsFactors = FALSE)
say <- function(name, value) cat(sprintf("%s,%.12g\n", name, value))
cat("quantity,value\n")

# Kaplan-Meier of any end of support
for (type in c("log-log", "plain")) {
  km <- summary(survfit(Surv(run_days, support_ended_by != "still_on") ~ 1, d, conf.type = type), times = c(5, 15, 30))
  for (i in 1:3) {
    at <- c(5, 15, 30)[i]
    say(sprintf("km %s at %g", type, at), km$surv[i])
    say(sprintf("km %s low at %g", type, at), km$lower[i])
    say(sprintf("km %s high at %g", type, at), km$upper[i])
    if (type == "plain") say(sprintf("km at risk at %g", at), km$n.risk[i])
  }
}

# cumulative incidence: cmprsk's estimate and variance, by mode and for all
code <- match(d$support_ended_by, c("still_on", "died", "transplant", "weaned")) - 1
whole <- timepoints(cuminc(d$run_days, code), c(5, 15, 30))
causes <- c("died", "transplant", "weaned")
for (k in 1:3) for (i in 1:3) {
  say(sprintf("cif %s at %g", causes[k], c(5, 15, 30)[i]), whole$est[k, i])
  say(sprintf("cif variance %s at %g", causes[k], c(5, 15, 30)[i]), whole$var[k, i])
}
groups <- cuminc(d$run_days, code, d$mode)
parts <- timepoints(groups, c(15))
for (row in rownames(parts$est)) say(sprintf("cif group %s at 15", row), parts$est[row, 1])
for (k in 1:3) say(sprintf("gray chi2 %s", causes[k]), groups$Tests[k, "stat"])
state <- factor(d$support_ended_by, c("still_on", causes))
ms <- summary(survfit(Surv(run_days, state) ~ 1, d), times = c(5, 15, 30))
for (k in 1:3) for (i in 1:3) {
  say(sprintf("survfit cif %s at %g", causes[k], c(5, 15, 30)[i]), ms$pstate[i, k + 1])
  say(sprintf("survfit cif se %s at %g", causes[k], c(5, 15, 30)[i]), ms$std.err[i, k + 1])
}

# Fine-Gray by cmprsk::crr and by survival::finegray + coxph
x <- cbind(severity = d$severity, female = d$female, vav = d$mode == "vav", vv = d$mode == "vv")
for (cause in c(1, 3)) {
  fit <- crr(d$run_days, code, x, failcode = cause, gtol = 1e-10, maxiter = 50)
  for (j in 1:4) {
    say(sprintf("crr %s beta %s", causes[cause], colnames(x)[j]), fit$coef[j])
    say(sprintf("crr %s se %s", causes[cause], colnames(x)[j]), sqrt(fit$var[j, j]))
  }
  say(sprintf("crr %s loglik", causes[cause]), fit$loglik)
  path <- predict(fit, c(0.5, 1, 0, 1))
  say(sprintf("crr %s predicted at 15", causes[cause]), path[max(which(path[, 1] <= 15)), 2])
}
one <- crr(d$run_days, code, cbind(d$female), failcode = 3, gtol = 1e-10, maxiter = 50)
say("crr one covariate beta", one$coef); say("crr one covariate se", sqrt(one$var[1, 1]))
fg <- finegray(Surv(run_days, state) ~ ., data = cbind(d[, c("run_days", "severity", "female")], state), etype = "weaned")
fit <- coxph(Surv(fgstart, fgstop, fgstatus) ~ severity + female, weights = fgwt, data = fg, ties = "breslow")
say("finegray beta severity", coef(fit)[1]); say("finegray beta female", coef(fit)[2])

# Cox with a late treatment: start-stop rows, Efron and Breslow, robust by patient, tests of proportionality
rows <- do.call(rbind, lapply(seq_len(nrow(d)), function(i) {
  r <- d[i, ]; died <- as.integer(r$support_ended_by == "died")
  if (is.na(r$ecmo_day)) return(data.frame(id = i, start = 0, stop = r$run_days, died, treatment = 0, severity = r$severity, female = r$female))
  data.frame(id = i, start = c(0, r$ecmo_day), stop = c(r$ecmo_day, r$run_days), died = c(0, died), treatment = 0:1,
             severity = r$severity, female = r$female)
}))
for (ties in c("efron", "breslow")) {
  fit <- coxph(Surv(start, stop, died) ~ treatment + severity + female + cluster(id), rows, ties = ties,
               control = coxph.control(eps = 1e-12, timefix = FALSE))
  for (name in names(coef(fit))) {
    say(sprintf("cox %s beta %s", ties, name), coef(fit)[name])
    i <- match(name, names(coef(fit)))
    say(sprintf("cox %s model se %s", ties, name), sqrt(fit$naive.var[i, i]))
    say(sprintf("cox %s robust se %s", ties, name), sqrt(fit$var[i, i]))
  }
  say(sprintf("cox %s loglik", ties), fit$loglik[2])
}
plain <- coxph(Surv(start, stop, died) ~ treatment + severity + female, rows, ties = "breslow")
zph <- cox.zph(plain, transform = "identity", terms = FALSE)
for (name in rownames(zph$table)) if (name != "GLOBAL") say(sprintf("zph chi2 %s", name), zph$table[name, "chisq"])

# a public data set: Stanford heart transplants (Crowley and Hu 1977), transplant as a late treatment
heart$transplant <- as.integer(heart$transplant == "1")
fit <- coxph(Surv(start, stop, event) ~ age + year + surgery + transplant, heart, ties = "efron")
for (name in names(coef(fit))) {
  say(sprintf("heart beta %s", name), coef(fit)[name])
  say(sprintf("heart se %s", name), sqrt(fit$var[match(name, names(coef(fit))), match(name, names(coef(fit)))]))
}
# weights: a weighted Cox with robust variance (as inverse-probability weights use it)
w <- 0.5 + (d$female + (d$severity > 0)) / 2
fit <- coxph(Surv(run_days, support_ended_by == "died") ~ severity, d, weights = w, robust = TRUE, ties = "breslow")
say("weighted beta", coef(fit)); say("weighted robust se", sqrt(fit$var[1, 1]))

# weighted Kaplan-Meier of start-stop rows with the infinitesimal jackknife by patient (how weights against crossover are read)
rows$w <- 0.6 + (rows$id %% 5) / 4 + rows$treatment / 2
km <- summary(survfit(Surv(start, stop, died) ~ 1, rows, weights = w, id = id, robust = TRUE), times = c(10, 20))
for (i in 1:2) {
  say(sprintf("weighted km at %g", c(10, 20)[i]), km$surv[i])
  say(sprintf("weighted km se at %g", c(10, 20)[i]), km$std.err[i])
}
# log-rank test, and a Weibull law
lr <- survdiff(Surv(run_days, support_ended_by == "died") ~ female, d)
say("log-rank chi2 female", lr$chisq)
wb <- survreg(Surv(run_days, support_ended_by == "died") ~ 1, d, dist = "weibull")
say("weibull shape", 1 / wb$scale)
