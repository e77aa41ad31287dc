# The earliest date after the latest.
# expect: shape:S03-earliest id:meeting-small-group-2021-brussels
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

DELETE DATA { id:meeting-small-group-2021-brussels ckg:earliestDate "2021-09-02"^^xsd:date } ;
INSERT DATA { id:meeting-small-group-2021-brussels ckg:earliestDate "2021-12-03"^^xsd:date }
