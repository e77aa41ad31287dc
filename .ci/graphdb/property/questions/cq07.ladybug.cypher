// How many members does the Small Group have, by kind?
UNWIND [['State', 'state', 'دولة'], ['InternationalOrganization', 'international organisation', 'منظمة دولية']] AS k
MATCH (g:SmallGroup)<-[:ORGANIZATION]-(m:Membership)-[:MEMBER]->(n), (m)-[:ROLE_REL]->(r:Role)
WHERE r.iri = 'https://w3id.org/coalition-kg/id/role-member' AND k[1] IN n.labels
RETURN k[1] AS kind, k[2] AS kindEn, k[3] AS kindAr, count(DISTINCT n.iri) AS members
