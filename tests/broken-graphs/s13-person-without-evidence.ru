# A person whom no statement names.
# expect: shape:S13-evidence id:person-wilmes
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE WHERE { id:person-wilmes ckg:statedIn ?statement }
