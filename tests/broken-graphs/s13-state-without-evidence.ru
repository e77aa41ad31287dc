# A state that the page does not name.
# expect: shape:S13-evidence id:state-FJI
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

INSERT DATA {
  id:state-FJI a ckg:State ;
    skos:prefLabel "Fiji"@en , "فيجي"@ar ;
    ckg:isoAlpha3 "FJI" ; ckg:isoAlpha2 "FJ" .
}
