# A guessed date beside two readings.
# expect: shape:S03-event id:meeting-small-group-2021-brussels
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

INSERT DATA { id:meeting-small-group-2021-brussels ckg:date "2021-12-02"^^xsd:date }
