-- Who co-chairs the Africa Focus Group?
MATCH {type: FocusGroup, where: (iri = 'https://w3id.org/coalition-kg/id/africa-focus-group')}
  <-ORGANIZATION-{type: Membership, as: m}-MEMBER->{type: State, as: s},
  {as: m}-ROLE->{type: Role, where: (iri = 'https://w3id.org/coalition-kg/id/role-co-chair')}
RETURN s.iri AS state, s.prefLabel_en AS stateEn, s.prefLabel_ar AS stateAr
