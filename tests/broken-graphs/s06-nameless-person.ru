# A person without any name.
# expect: shape:S06-label-en id:person-obama
# expect: shape:S06-label-ar id:person-obama
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

DELETE WHERE { id:person-obama skos:prefLabel ?name }
