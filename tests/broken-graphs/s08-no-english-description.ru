# A statement without an English description.
# expect: shape:S08-description id:F101
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX dcterms: <http://purl.org/dc/terms/>

DELETE { id:F101 dcterms:description ?text }
WHERE { id:F101 dcterms:description ?text FILTER (LANG(?text) = "en") }
