# Two English names.
# expect: shape:S06-label id:place-rome
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

INSERT DATA { id:place-rome skos:prefLabel "Roma"@en }
