// How many members does the Small Group have, by kind?
UNWIND [['State', 'state', 'دولة'], ['InternationalOrganization', 'international organisation', 'منظمة دولية']] AS k
MATCH (g:SmallGroup)<-[:ORGANIZATION]-(m:Membership)-[:MEMBER]->(n), (m)-[:ROLE]->(r:Role)
WHERE r.iri = 'https://w3id.org/coalition-kg/id/role-member' AND k[0] IN labels(n)
RETURN k[0] AS kind, k[1] AS kindEn, k[2] AS kindAr, count(DISTINCT n.iri) AS members
