-- What was pledged to which facility, in what currency, is the amount a strict lower bound, and to which organisation
-- does the facility belong?
MATCH {type: FundingPledge, as: p}-RECIPIENT->{type: FundingFacility, as: f}
  -SUB_ORGANIZATION_OF->{type: InternationalOrganization, as: o}
RETURN p.iri AS pledge, p.minimumAmount AS minimumAmount, p.minimumIsExclusive AS minimumIsExclusive,
  p.currency AS currency, f.iri AS facility, f.prefLabel_en AS facilityEn, f.prefLabel_ar AS facilityAr,
  o.iri AS organisation, o.prefLabel_en AS organisationEn, o.prefLabel_ar AS organisationAr
