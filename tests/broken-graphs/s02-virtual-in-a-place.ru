# A meeting that is virtual and has a place.
# expect: shape:S02-ministerial-meeting id:meeting-ministerial-2020-virtual
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

INSERT DATA { id:meeting-ministerial-2020-virtual ckg:heldIn id:place-rome }
