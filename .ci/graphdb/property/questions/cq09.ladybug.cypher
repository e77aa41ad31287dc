// Who co-chairs the Africa Focus Group?
MATCH (g:FocusGroup)<-[:ORGANIZATION]-(m:Membership)-[:MEMBER]->(s:State), (m)-[:ROLE_REL]->(r:Role)
WHERE g.iri = 'https://w3id.org/coalition-kg/id/africa-focus-group'
  AND r.iri = 'https://w3id.org/coalition-kg/id/role-co-chair'
RETURN s.iri AS state, s.prefLabel_en AS stateEn, s.prefLabel_ar AS stateAr
