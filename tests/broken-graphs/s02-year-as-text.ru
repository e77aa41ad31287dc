# The year of a meeting as a string.
# expect: shape:S02-year id:meeting-ministerial-2015-paris
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

DELETE DATA { id:meeting-ministerial-2015-paris ckg:year "2015"^^xsd:gYear } ;
INSERT DATA { id:meeting-ministerial-2015-paris ckg:year "2015" }
