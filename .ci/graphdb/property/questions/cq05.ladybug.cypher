// Who chairs each working group?
MATCH (g:WorkingGroup)<-[:ORGANIZATION]-(m:Membership)-[:MEMBER]->(s:State), (m)-[:ROLE_REL]->(r:Role)
WHERE r.iri = 'https://w3id.org/coalition-kg/id/role-chair'
RETURN g.iri AS `group`, g.prefLabel_en AS groupEn, g.prefLabel_ar AS groupAr,
  s.iri AS state, s.prefLabel_en AS stateEn, s.prefLabel_ar AS stateAr
