// What was pledged to which facility, in what currency, is the amount a strict lower bound, and to which organisation
// does the facility belong?
MATCH (p:FundingPledge)-[:RECIPIENT]->(f:FundingFacility)-[:SUB_ORGANIZATION_OF]->(o:InternationalOrganization)
RETURN p.iri AS pledge, p.minimumAmount AS minimumAmount, p.minimumIsExclusive AS minimumIsExclusive,
  p.currency AS currency, f.iri AS facility, f.prefLabel_en AS facilityEn, f.prefLabel_ar AS facilityAr,
  o.iri AS organisation, o.prefLabel_en AS organisationEn, o.prefLabel_ar AS organisationAr
