# A meeting in two cities.
# expect: shape:S02-ministerial-meeting id:meeting-ministerial-2015-paris
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

INSERT DATA { id:meeting-ministerial-2015-paris ckg:heldIn id:place-rome }
