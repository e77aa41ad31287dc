# A meeting moved from virtual to a place that nothing declares. With RDFS inference this passes: the range of heldIn makes a place of it.
# expect: shape:S02-ministerial-meeting id:meeting-ministerial-2020-virtual
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE DATA { id:meeting-ministerial-2020-virtual ckg:mode id:mode-virtual } ;
INSERT DATA { id:meeting-ministerial-2020-virtual ckg:mode id:mode-in-person ; ckg:heldIn id:place-nowhere }
