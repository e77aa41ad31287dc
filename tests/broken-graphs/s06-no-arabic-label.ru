# A place without an Arabic name.
# expect: shape:S06-label-ar id:place-rome
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

DELETE WHERE { id:place-rome skos:prefLabel "روما"@ar }
