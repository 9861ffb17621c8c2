"""The words that stand on every screen, report and file."""

SAFETY_TEXT = (
    "perfuse simulates; it does not know any patient. For education and research only. Not a medical device; not for diagnosis, "
    "treatment, triage or monitoring. Do not enter identifiable data. Personalised runs describe a model fitted to numbers, not a "
    "person. Score results are outcomes of the derivation cohort, not a patient's chance."
)
NOT_FOR_CLINICAL_USE = "Not for clinical use"
