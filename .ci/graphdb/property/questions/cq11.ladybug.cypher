// Which dates can the Brussels meeting of the Small Group have had, and what is the status of each reading?
MATCH (m)-[:MEETING_OF]->(g:SmallGroup), (m)-[:HELD_IN]->(p:Place),
  (m)-[:HAS_DATE_READING]->(d:DateReading)-[:READING_STATUS]->(s:Concept)
WHERE 'DiplomaticMeeting' IN m.labels AND g.iri = 'https://w3id.org/coalition-kg/id/small-group'
  AND p.iri = 'https://w3id.org/coalition-kg/id/place-brussels'
RETURN m.iri AS meeting, d.readingDate AS date, s.iri AS status, s.prefLabel_en AS statusEn, s.prefLabel_ar AS statusAr,
  m.dateAsStated_ar AS dateAsStated, m.date IS NOT NULL AS hasSingleDate
