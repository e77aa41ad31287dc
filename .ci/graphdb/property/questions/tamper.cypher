// A change for each question, in their order.
MATCH (p:Place) WHERE p.iri = 'https://w3id.org/coalition-kg/id/place-jeddah' SET p.prefLabel_ar = 'جدّة'
MATCH (g:WorkingGroup) WHERE g.iri = 'https://w3id.org/coalition-kg/id/wg-counter-finance' SET g.prefLabel_ar = g.prefLabel_en
MATCH (g:SmallGroup)<-[r:ORGANIZATION]-(m:Membership)-[:MEMBER]->(s:State) WHERE s.iri = 'https://w3id.org/coalition-kg/id/state-DEU' DELETE r
MATCH (g:FocusGroup)<-[:ORGANIZATION]-(m:Membership)-[r:MEMBER]->(s:State) WHERE s.iri = 'https://w3id.org/coalition-kg/id/state-NER' DELETE r
MATCH (d:DateReading)-[:READING_STATUS]->(s:Concept) WHERE s.iri = 'https://w3id.org/coalition-kg/id/reading-possible' SET d.readingDate = date('2021-09-03')
MATCH (p:FundingPledge) SET p.minimumIsExclusive = false
