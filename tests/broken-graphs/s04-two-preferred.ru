# Both readings preferred.
# expect: shape:S04-one-preferred id:meeting-small-group-2021-brussels
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE DATA { id:reading-small-group-2021-brussels-september ckg:readingStatus id:reading-possible } ;
INSERT DATA { id:reading-small-group-2021-brussels-september ckg:readingStatus id:reading-preferred }
