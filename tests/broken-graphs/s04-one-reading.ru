# Only one reading of an ambiguous date is left.
# expect: shape:S04-two-readings id:meeting-small-group-2021-brussels
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE DATA { id:meeting-small-group-2021-brussels ckg:hasDateReading id:reading-small-group-2021-brussels-september }
