// Which ministerial meetings are listed, each with its year and its city, if any?
MATCH (m:MinisterialMeeting)
OPTIONAL MATCH (m)-[:HELD_IN]->(c:Place)
RETURN m.iri AS meeting, m.year AS year, c.iri AS city, c.prefLabel_en AS cityEn, c.prefLabel_ar AS cityAr
