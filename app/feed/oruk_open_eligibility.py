"""Open Eligibility (CC BY-SA 3.0): the few codes of it that say what services here are, and for whom.

Only codes that were looked up in the published list are here; definitions are ours. One need may have no code: then
none is given, rather than one that is nearly right.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class OpenEligibilityTerm:
    code: str
    name: str
    kind: Literal["service_type", "eligibility"]
    description: str


SURVIVORS = "20084"
"""For whom every service of the directory is."""

OPEN_ELIGIBILITY = (
    OpenEligibilityTerm(
        SURVIVORS,
        "Human Trafficking Survivors",
        "eligibility",
        "People who were trafficked or otherwise held in modern slavery.",
    ),
    OpenEligibilityTerm(
        "20086", "Sexual Assault Survivors", "eligibility", "People who were sexually assaulted."
    ),
    OpenEligibilityTerm("1125", "Safe Housing", "service_type", "A safe place to live, away from danger."),
    OpenEligibilityTerm("1121", "Emergency Shelter", "service_type", "A bed or room for the next nights."),
    OpenEligibilityTerm("1124", "Help Escape Violence", "service_type", "Help to get away from danger now."),
    OpenEligibilityTerm(
        "1375",
        "Advocacy & Legal Aid",
        "service_type",
        "Legal advice and somebody who speaks up for a person.",
    ),
    OpenEligibilityTerm(
        "1381", "Citizenship & Immigration", "service_type", "Advice on permission to stay and asylum."
    ),
    OpenEligibilityTerm(
        "1390", "Translation & Interpretation", "service_type", "Interpreters and translated papers."
    ),
    OpenEligibilityTerm("1304", "Counseling", "service_type", "Talking therapy and help in distress."),
    OpenEligibilityTerm(
        "1292", "Navigating the System", "service_type", "A worker who helps with offices, rights and forms."
    ),
    OpenEligibilityTerm("1326", "English as a Second Language (ESL)", "service_type", "English classes."),
    OpenEligibilityTerm("1358", "Job Placement", "service_type", "Help to find safe work."),
    OpenEligibilityTerm("1232", "Financial Assistance", "service_type", "Benefits, grants and money advice."),
)

SERVICE_TYPE_OF_NEED = {
    "safe_house": "1125",
    "emergency_accommodation": "1121",
    "immediate_safety": "1124",
    "legal_criminal_defence": "1375",
    "legal_other": "1375",
    "legal_immigration": "1381",
    "interpretation": "1390",
    "mental_health": "1304",
    "trauma_therapy": "1304",
    "casework_advocacy": "1292",
    "education_esol": "1326",
    "employment_training": "1358",
    "welfare_benefits_money": "1232",
}
ELIGIBILITY_OF_NEED = {"sexual_health_sarc": "20086"}

NEED_OF_SERVICE_TYPE = {
    "1125": "safe_house",
    "1121": "emergency_accommodation",
    "1124": "immediate_safety",
    "1375": "legal_other",
    "1381": "legal_immigration",
    "1390": "interpretation",
    "1304": "mental_health",
    "1292": "casework_advocacy",
    "1326": "education_esol",
    "1348": "education_esol",
    "1358": "employment_training",
    "1232": "welfare_benefits_money",
}
"""What a feed that tags with Open Eligibility means in our needs; 1348 is its second code for English classes."""
