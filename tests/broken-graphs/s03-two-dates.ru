# An announcement on two days.
# expect: shape:S03-date id:announcement-coalition-2014
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

INSERT DATA { id:announcement-coalition-2014 ckg:date "2014-09-11"^^xsd:date }
